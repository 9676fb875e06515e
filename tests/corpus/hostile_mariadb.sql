SET sql_mode = 'ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO';
SET time_zone = '+08:00';

CREATE TABLE `人员 表` (`编号` int PRIMARY KEY, `姓 名` varchar(20), `select` text, `a``b` text, `100%` text, `x:y` text,
                     `p.q` text, `a'b` text, `%(x)s` text, `$1` text, `a"b` text, `名称（全称）` text, `%s` text);
INSERT INTO `人员 表` SELECT seq, CONCAT('名', seq), 's', 'b', 'p', 'c', 'd', 'a', 'f', 'm', 'q', 'z', 'y' FROM seq_1_to_23;
CREATE TABLE `order` (`group` int PRIMARY KEY, `table` text);
INSERT INTO `order` VALUES (1, 'x'), (2, NULL);
CREATE TABLE `Order` (`Group` int PRIMARY KEY, `values` text);
INSERT INTO `Order` VALUES (1, 'one'), (2, 'two');
CREATE TABLE `semi;drop` (id int PRIMARY KEY, `a;b` text);
INSERT INTO `semi;drop` VALUES (1, 'x');
CREATE TABLE `back\slash` (id int PRIMARY KEY, `c\d` text);
INSERT INTO `back\slash` VALUES (1, 'x');
CREATE TABLE collide (user_id int PRIMARY KEY, `userId` int, `User Id` int, `USER-ID` int, user__id int, `recordId` text,
                      record_id text, `limit` text, `cursor` text, `fields` text, `sort` text, `filter` text, `1st` text,
                      `_` text, `中文` text, `中 文` text);
INSERT INTO collide VALUES (1, 2, 3, 4, 5, 'r', 'rr', 'l', 'c', 'f', 's', 'fi', '1', 'u', 'z', 'zz');

CREATE TABLE composite (a varchar(5), b int, c char(5), d text, PRIMARY KEY (a, b, c));
INSERT INTO composite SELECT CHAR(97 + seq % 3), seq DIV 3, CONCAT('k', seq % 2), CONCAT('v', seq) FROM seq_0_to_40;
CREATE TABLE nullable_key (a int, b varchar(5), c varchar(5), UNIQUE (a, b));
INSERT INTO nullable_key VALUES (1, NULL, 'x'), (1, 'b', 'y'), (NULL, 'b', 'z'), (NULL, NULL, 'w'), (2, 'b', 'v');
CREATE TABLE padded (code char(10) PRIMARY KEY, v text);
INSERT INTO padded VALUES ('A', '1'), ('AB', '2'), ('a b', '3'), ('', '4'), ('中文', '5');
CREATE TABLE odd_text (k varchar(500) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PRIMARY KEY, v int);
INSERT INTO odd_text VALUES ('a/b', 1), ('a b', 2), ('50%', 3), ('~', 4), ('a~b', 5), ('😀', 6), ('𠮷野家', 7), ('', 8),
  ('.', 10), ('..', 11), ('?q=1', 12), ('#h', 13), ('a+b', 14), ('%2F', 15), ('"', 16), ('''', 17), ('\\', 18), ('null', 19),
  ('007', 20), ('7', 21), ('1e3', 22), ('é', 23), (CONCAT('e', _utf8mb4 x'CC81'), 24), ('A', 25), ('a', 26), ('_search', 27), ('line\nbreak', 28),
  ('<script>', 29), ('　', 30), ('110101199003077774', 32), ('Ａ', 33), ('ß', 34), ('SS', 35), ('ss', 36), ('-1', 41), ('0', 42),
  (CHAR(0), 43), (CHAR(1), 44), (CHAR(127), 45), (REPEAT('长', 400), 46);
CREATE TABLE folding (k varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci PRIMARY KEY, v varchar(20), KEY (v));
INSERT INTO folding VALUES ('a', 'X'), ('B', 'x'), ('c', 'x '), ('D', 'é'), ('e', 'E'), ('É1', 'ss'), ('f', 'ß');
CREATE TABLE latin (k varchar(20) CHARACTER SET latin1 PRIMARY KEY, v varchar(20) CHARACTER SET latin1, KEY (v));
INSERT INTO latin VALUES ('é', 'ü'), (_latin1 x'D6D0CEC4', _latin1 x'80'), ('a', NULL);
CREATE TABLE gbk (k varchar(20) CHARACTER SET gbk PRIMARY KEY, v varchar(20) CHARACTER SET gbk, KEY (v));
INSERT INTO gbk VALUES ('中文', '啊'), ('一', '丂'), ('龥', '鼞'), ('A', 'b');
CREATE TABLE mixed (id int PRIMARY KEY, a varchar(9) CHARACTER SET gbk, b varchar(9) CHARACTER SET latin1, c varchar(9) CHARACTER SET ucs2, d varchar(9) CHARACTER SET binary);
INSERT INTO mixed VALUES (1, '中', 'é', '中', x'FFFE');

CREATE TABLE no_key (a text, b int);
INSERT INTO no_key VALUES ('x', 1), ('x', 1), ('y', 2), (NULL, NULL);
CREATE TABLE empty_table (id int PRIMARY KEY, v text);
CREATE TABLE empty_keyless (v text, w json);
CREATE VIEW a_view AS SELECT `编号` AS n, `姓 名` AS name, 1 = 1 AS flag FROM `人员 表`;
CREATE TABLE base_of_broken (id int PRIMARY KEY, v text);
CREATE VIEW broken_view AS SELECT id, v FROM base_of_broken;
DROP TABLE base_of_broken;


CREATE TABLE moments (id int PRIMARY KEY, d date, dt datetime(6), ts timestamp(6) NULL, t time(6), y year, KEY (d), KEY (dt), KEY (ts), KEY (t), KEY (y));
INSERT INTO moments VALUES
  (1, '2024-02-29', '2024-02-29 12:34:56.789012', '2024-02-29 12:34:56.789012', '23:59:59.999999', 2024),
  (2, '0000-00-00', '0000-00-00 00:00:00', '0000-00-00 00:00:00', '00:00:00', 0),
  (3, '2024-00-10', '2024-01-00 00:00:00', '1970-01-01 08:00:01', '838:59:59', 1901),
  (4, '2024-02-31', '2024-02-31 00:00:00', '2038-01-19 11:14:07', '-838:59:59', 2155),
  (5, '1000-01-01', '9999-12-31 23:59:59.999999', NULL, NULL, NULL),
  (6, '1986-05-04', '1986-05-04 02:30:00', '1986-05-04 02:30:00', '24:00:00', 1986),
  (7, '1986-09-14', '1986-09-14 01:30:00', '1986-09-14 01:30:00', '12:00:00', 1986),
  (8, '1940-06-01', '1940-06-01 00:00:00', '1991-09-15 01:30:00', '12:00:00.5', 1940),
  (9, '1890-06-01', '1890-06-01 00:00:00', '1990-04-15 02:00:00', '12:00:00', 1955),
  (10, NULL, NULL, NULL, NULL, NULL),
  (11, '0001-01-01', '0001-01-01 00:00:00', NULL, '00:00:00', NULL);
CREATE TABLE dst (id int PRIMARY KEY, dt datetime NOT NULL, ts timestamp NULL, KEY (dt), KEY (ts));
INSERT INTO dst SELECT seq, '1986-05-03 20:00' + INTERVAL 30 * seq MINUTE, '1986-05-03 20:00' + INTERVAL 30 * seq MINUTE FROM seq_1_to_24;
INSERT INTO dst SELECT 100 + seq, '1986-09-13 20:00' + INTERVAL 30 * seq MINUTE, '1986-09-13 20:00' + INTERVAL 30 * seq MINUTE FROM seq_1_to_24;

CREATE TABLE numbers (id bigint unsigned PRIMARY KEY, big bigint, ub bigint unsigned, n decimal(38,10), nn decimal(65,30), f4 float, f8 double, b bit(1), bits bit(9),
                      b64 bit(64), flag tinyint(1), tiny tinyint(1), z int(10) unsigned zerofill, zero decimal(5,0), huge decimal(38,0), fd float(10,2),
                      KEY (big), KEY (ub), KEY (n), KEY (f4), KEY (f8), KEY (b), KEY (bits), KEY (b64), KEY (flag), KEY (huge), KEY (z));
INSERT INTO numbers VALUES
  (1, 9007199254740993, 18446744073709551615, 1234567890123456789012345678.0123456789, 0.000000000000000000000000000001, 0.1, 0.1, b'1', b'101010101', x'FFFFFFFFFFFFFFFF', 1, 2, 42, 12345, 12345678901234567890123456789012345678, 1.25),
  (18446744073709551615, -9223372036854775808, 0, -0.0000000001, 99999999999999999999999999999999999.999999999999999999999999999999, 3.4e38, 1.7e308, b'0', b'0', b'0', 0, -1, 0, -1, -9007199254740992, 0),
  (3, 9007199254740991, 9007199254740992, 0, 0, 1.17549e-38, 5e-324, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, NULL),
  (4, NULL, NULL, NULL, NULL, 16777217, 1.1, NULL, NULL, NULL, 1, 1, 4294967295, NULL, NULL, 99999999.99),
  (0, NULL, NULL, 1.1, 1.10, 3.1415927, 3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, -0.01),
  (5, 0, 1, 2, 3, 123456789, 123456789012, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0.3);

CREATE TABLE kinds (id binary(16) PRIMARY KEY, e enum('未婚', '已婚', 'a,b', ''), s set('甲', '乙', 'c d'), j json, bl blob, vb varbinary(20), pt point, g geometry, u uuid, ip inet6, lt longtext, KEY (e), KEY (s), KEY (vb), KEY (u), KEY (ip));
INSERT INTO kinds VALUES
  (x'00000000000000000000000000000001', '未婚', '甲,乙', '{"a": 1.0, "b": [null, true], "中": "文", "big": 12345678901234567890}', x'00FF10', x'FF', POINT(1, 2), NULL, '00000000-0000-0000-0000-000000000001', '::1', 'x'),
  (x'000000000000000000000000000000FF', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (x'FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF', 'a,b', '', '"text"', '', '', NULL, ST_GeomFromText('LINESTRING(0 0, 1 1)'), '12345678-1234-1234-1234-123456789abc', '2001:db8::1', ''),
  (x'20202020202020202020202020202020', '', 'c d', '[]', ' ', ' ', NULL, NULL, NULL, NULL, NULL);

CREATE TABLE by_number (k decimal(20,4) PRIMARY KEY, v text);
INSERT INTO by_number VALUES (1, 'a'), (1.5, 'b'), (-0.0001, 'c'), (1234567890123456.7891, 'd');
CREATE TABLE by_float (k double PRIMARY KEY, v text);
INSERT INTO by_float VALUES (0.1, 'a'), (1e300, 'b'), (-5e-324, 'c'), (1, 'f');
CREATE TABLE by_single (k float PRIMARY KEY, v text);
INSERT INTO by_single VALUES (0.1, 'a'), (1e30, 'b'), (16777216, 'c'), (1, 'f');
CREATE TABLE by_moment (k datetime(6), l timestamp(3), m date, v text, PRIMARY KEY (k, l, m));
INSERT INTO by_moment VALUES ('2024-01-01 00:00:00.000001', '2024-01-01 08:00:00.001', '2024-01-01', 'a'), ('2024-01-01 00:00:00.000002', '2024-01-01 08:00:00.001', '2024-01-01', 'b'),
  ('0000-00-00', '0000-00-00', '0000-00-00', 'c'), ('1986-09-14 01:30:00', '1986-09-14 01:30:00', '1986-09-14', 'd');
CREATE TABLE by_time (k time(3), l year, v text, PRIMARY KEY (k, l));
INSERT INTO by_time VALUES ('01:00', 2000, 'a'), ('01:00:00.001', 2000, 'b'), ('23:59:59.999', 0, 'c');
CREATE TABLE by_bytes (k varbinary(10) PRIMARY KEY, v text);
INSERT INTO by_bytes VALUES (x'00', 'a'), (x'FF', 'b'), ('', 'c'), (' ', 'd');
CREATE TABLE by_enum (k enum('b', 'a', '中') PRIMARY KEY, v text);
INSERT INTO by_enum VALUES ('b', 'a'), ('a', 'b'), ('中', 'c');
CREATE TABLE by_bit (k bit(12) PRIMARY KEY, v text);
INSERT INTO by_bit VALUES (b'1', 'a'), (b'0', 'b'), (b'111111111111', 'c');
CREATE TABLE by_uuid (k uuid PRIMARY KEY, v text);
INSERT INTO by_uuid VALUES ('00000000-0000-0000-0000-000000000001', 'a'), ('ffffffff-1234-1234-1234-000000000000', 'b'), ('00000000-0000-0001-0000-000000000000', 'c');

CREATE TABLE long_text (id int PRIMARY KEY, v longtext);
INSERT INTO long_text SELECT seq, REPEAT('长文本A', 262144) FROM seq_1_to_3;
CREATE TABLE ties (id int PRIMARY KEY, grade int, name varchar(20), KEY (grade), KEY (name));
INSERT INTO ties SELECT seq, IF(seq % 3 = 0, NULL, seq % 5), IF(seq % 7 = 0, NULL, CONCAT('n', seq % 4)) FROM seq_1_to_20000;

CREATE TABLE dropped_later (id int PRIMARY KEY, v text);
INSERT INTO dropped_later VALUES (1, 'x');
CREATE TABLE renamed_later (id int PRIMARY KEY, v text);
INSERT INTO renamed_later VALUES (1, 'x');
CREATE TABLE locked (id int PRIMARY KEY, v text);
INSERT INTO locked VALUES (1, 'x');
