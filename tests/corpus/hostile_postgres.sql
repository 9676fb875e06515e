CREATE TYPE 婚姻 AS ENUM ('未婚', '已婚', 'it''s complicated');
CREATE DOMAIN 邮编 AS char(6);
CREATE DOMAIN positive AS integer CHECK (VALUE > 0);
CREATE DOMAIN more_positive AS positive;
CREATE TYPE pair AS (a integer, b text);
CREATE SCHEMA "other Schema";

CREATE TABLE "人员 表" ("编号" integer PRIMARY KEY, "姓 名" text, "select" text, "a""b" text, "100%" text, "x:y" text,
                     "p.q" text, "a'b" text, "%(x)s" text, "$1" text, "tab	name" text, "名称（全称）" text);
INSERT INTO "人员 表" SELECT i, '名' || i, 's' || i, 'q' || i, 'p' || i, 'c' || i, 'd' || i, 'a' || i, 'f' || i,
                     'm' || i, 't' || i, 'z' || i FROM generate_series(1, 23) i;
CREATE TABLE "order" ("group" integer PRIMARY KEY, "table" text);
INSERT INTO "order" VALUES (1, 'x'), (2, NULL);
CREATE TABLE "Order" ("Group" integer PRIMARY KEY, "group" integer, "GROUP" text);
INSERT INTO "Order" VALUES (1, 11, 'one'), (2, NULL, 'two');
CREATE TABLE "semi;drop" (id integer PRIMARY KEY, "a;b" text);
INSERT INTO "semi;drop" VALUES (1, 'x');
CREATE TABLE "back\slash" (id integer PRIMARY KEY, "c\d" text);
INSERT INTO "back\slash" VALUES (1, 'x\y');
CREATE TABLE "other Schema".t (id integer PRIMARY KEY, v text);
INSERT INTO "other Schema".t VALUES (1, 'elsewhere');
CREATE TABLE t (id integer PRIMARY KEY, v text);
INSERT INTO t VALUES (1, 'here');
CREATE TABLE collide (user_id integer PRIMARY KEY, "userId" integer, "User Id" integer, "USER-ID" integer, user__id integer,
                      "recordId" text, record_id text, "limit" text, cursor text, fields text, sort text, filter text,
                      "1st" text, "_" text, "中文" text, "中 文" text);
INSERT INTO collide VALUES (1, 2, 3, 4, 5, 'r', 'rr', 'l', 'c', 'f', 's', 'fi', '1', 'u', 'z', 'zz');

CREATE TABLE composite (a text, b integer, c char(5), d text, PRIMARY KEY (a, b, c));
INSERT INTO composite SELECT chr(97 + i % 3), i / 3, 'k' || (i % 2), 'v' || i FROM generate_series(0, 40) i;
CREATE TABLE nullable_key (a integer, b text, c text, UNIQUE (a, b));
INSERT INTO nullable_key VALUES (1, NULL, 'x'), (1, 'b', 'y'), (NULL, 'b', 'z'), (NULL, NULL, 'w'), (2, 'b', 'v');
CREATE TABLE padded (code char(10) PRIMARY KEY, v text);
INSERT INTO padded VALUES ('A', '1'), ('AB', '2'), ('a b', '3'), ('', '4'), ('中文', '5');
CREATE TABLE odd_text (k text PRIMARY KEY, v integer);
INSERT INTO odd_text VALUES ('a/b', 1), ('a b', 2), ('50%', 3), ('~', 4), ('a~b', 5), ('😀', 6), ('𠮷野家', 7), ('', 8), (' ', 9),
  ('.', 10), ('..', 11), ('?q=1', 12), ('#h', 13), ('a+b', 14), ('%2F', 15), ('"', 16), ('''', 17), ('\', 18), ('null', 19),
  ('007', 20), ('7', 21), ('1e3', 22), ('é', 23), (E'e\u0301', 24), ('A', 25), ('a', 26), ('_search', 27), (E'line\nbreak', 28),
  ('<script>', 29), (E'\u3000', 30), (E'\u202E', 31), ('110101199003077774', 32), ('Ａ', 33), ('ß', 34), ('SS', 35), ('ss', 36),
  (E'\U0002F800', 37), (E'\U0010FFFF', 38), (E'\uE000', 39), (E'\uFFFF', 40), ('-1', 41), ('0', 42), (E'\x01', 43), (E'\x7f', 44), (repeat('长', 400), 45);

CREATE TABLE no_key (a text, b integer);
INSERT INTO no_key VALUES ('x', 1), ('x', 1), ('y', 2), (NULL, NULL);
CREATE TABLE empty_table (id integer PRIMARY KEY, v text);
CREATE TABLE empty_keyless (v text, w json);
CREATE TABLE no_columns ();
CREATE VIEW a_view AS SELECT "编号" AS n, "姓 名" AS name, now() > '2000-01-01' AS flag FROM "人员 表";
CREATE MATERIALIZED VIEW mat_view AS SELECT id, v FROM t;
CREATE VIEW broken_view AS SELECT id, 1 / (id - 1) AS v FROM t;


CREATE TABLE moments (id integer PRIMARY KEY, d date, ts timestamp, tz timestamptz, t time, ttz timetz, i interval);
INSERT INTO moments VALUES
  (1, '2024-02-29', '2024-02-29 12:34:56.789012', '2024-02-29 12:34:56+00', '23:59:59.999999', '10:00:00+08', '1 year 2 mons 3 days 04:05:06.7'),
  (2, '1949-10-01', '1986-05-04 02:30:00', '1986-05-03 18:30:00+00', '00:00:00', '00:00:00-05:30', '-1 day'),
  (3, '1900-01-01', '1986-09-14 00:30:00', '1986-09-13 15:30:00+00', '24:00:00', '24:00:00+00', '0'),
  (4, '0001-01-01', '1986-09-14 01:30:00', '1986-09-13 16:30:00+00', '12:00', '12:00:00.5+08', '100 years'),
  (5, '9999-12-31', '1991-09-15 01:30:00', '1991-09-14 17:30:00+00', NULL, NULL, NULL),
  (6, 'infinity', '2024-01-01', '2024-01-01', '01:00', NULL, NULL),
  (7, '2024-01-01', '-infinity', '2024-01-01', '01:00', NULL, NULL),
  (8, '2024-01-01', '2024-01-01', 'infinity', '01:00', NULL, NULL),
  (9, '0044-03-15 BC', '2024-01-01', '2024-01-01', '01:00', NULL, NULL),
  (10, '2024-01-01', '0044-03-15 12:00:00 BC', '2024-01-01', '01:00', NULL, NULL),
  (11, '12024-01-01', '2024-01-01', '2024-01-01', '01:00', NULL, NULL),
  (12, '1940-06-01', '1940-06-01 00:00:00', '1940-05-31 16:00:00+00', '01:00', NULL, NULL),
  (13, '1890-06-01', '1890-06-01 00:00:00', '1890-05-31 16:00:00+00', '01:00', NULL, NULL),
  (14, '1990-04-15', '1990-04-15 02:00:00', '1990-04-14 18:00:00+00', '01:00', NULL, NULL),
  (15, '1990-09-16', '1990-09-16 01:59:59.999999', '1990-09-15 17:59:59.999999+00', '01:00', NULL, NULL),
  (16, NULL, NULL, NULL, NULL, NULL, NULL);
CREATE INDEX ON moments (ts); CREATE INDEX ON moments (tz); CREATE INDEX ON moments (d); CREATE INDEX ON moments (t); CREATE INDEX ON moments (ttz); CREATE INDEX ON moments (i);

CREATE TABLE dst (id integer PRIMARY KEY, ts timestamp NOT NULL, tz timestamptz NOT NULL);
INSERT INTO dst SELECT i, '1986-05-03 20:00'::timestamp + i * interval '30 min', '1986-05-03 20:00+08'::timestamptz + i * interval '30 min' FROM generate_series(1, 24) i;
INSERT INTO dst SELECT 100 + i, '1986-09-13 20:00'::timestamp + i * interval '30 min', '1986-09-13 20:00+08'::timestamptz + i * interval '30 min' FROM generate_series(1, 24) i;
CREATE INDEX ON dst (ts); CREATE INDEX ON dst (tz);

CREATE TABLE numbers (id bigint PRIMARY KEY, big bigint, n numeric(38,10), nn numeric, f8 double precision, f4 real, m money, b bit(1),
                      bits bit(9), vb bit varying(20), flag boolean, small smallint, zero numeric(5,0), huge numeric(38,0));
INSERT INTO numbers VALUES
  (1, 9007199254740993, 1234567890123456789012345678.0123456789, 1e50, 0.1, 0.1, 12.34, B'1', B'101010101', B'1', true, 1, 12345, 12345678901234567890123456789012345678),
  (2, -9223372036854775808, -0.0000000001, 0.000000000000000000000000000000000000000001, 1e308, 1e38, -99999999.99, B'0', B'000000000', B'', false, -32768, -1, -9007199254740992),
  (9007199254740993, 9007199254740991, 0, 'NaN', 5e-324, 1.17549435e-38, 0, NULL, NULL, NULL, NULL, 0, 0, 0),
  (4, 0, NULL, NULL, 'NaN', 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (5, 0, NULL, NULL, 'Infinity', 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (6, 0, NULL, 'Infinity', 1, 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (7, 0, NULL, NULL, -0.0, '-Infinity', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (8, NULL, NULL, 1.10, 1.1, 16777217, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (9, NULL, 1.1, 1.1000, -0.0, 3.1415927, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
CREATE INDEX ON numbers (big); CREATE INDEX ON numbers (n); CREATE INDEX ON numbers (nn); CREATE INDEX ON numbers (f8); CREATE INDEX ON numbers (f4);
CREATE INDEX ON numbers (m); CREATE INDEX ON numbers (b); CREATE INDEX ON numbers (bits); CREATE INDEX ON numbers (flag); CREATE INDEX ON numbers (huge);

CREATE TABLE kinds (id uuid PRIMARY KEY, e 婚姻, p 邮编, dom more_positive, arr integer[], texts text[], nested integer[][], j json, jb jsonb, x xml, by bytea,
                    ip inet, net cidr, mac macaddr, pt point, rng int4range, tsv tsvector, pr pair, nm name, ch "char", o oid, hs int4multirange, lsn pg_lsn, jp jsonpath);
INSERT INTO kinds VALUES
  ('00000000-0000-0000-0000-000000000001', '未婚', '100000', 5, '{1,2,NULL}', '{"a,b","NULL",NULL,"引"}', '{{1,2},{3,4}}', '{"a": 1.0, "b": [null, true], "中": "文"}',
   '{"a": 12345678901234567890, "b": 1e2}', '<a>文</a>', '\x00ff10', '192.168.0.1/24', '10.0.0.0/8', '08:00:2b:01:02:03', '(1,2)', '[1,5)', 'a:1 b:2', '(1,"x y")', 'name', 'c', 42, '{[1,3)}', '16/B374D848', '$.a'),
  ('00000000-0000-0000-0000-000000000002', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  ('00000000-0000-0000-0000-000000000003', 'it''s complicated', '1', 1, '{}', '{}', '{}', '"text"', 'null', '<b/>', '\x', '::1', '::/0', '08:00:2b:01:02:04', '(0,0)', 'empty', '', '(,)', '', '', 0, '{}', '0/0', '$');
CREATE INDEX ON kinds (e); CREATE INDEX ON kinds (p); CREATE INDEX ON kinds (ip); CREATE INDEX ON kinds (mac); CREATE INDEX ON kinds (rng); CREATE INDEX ON kinds (arr); CREATE INDEX ON kinds (jb); CREATE INDEX ON kinds (dom); CREATE INDEX ON kinds (by);

CREATE TABLE by_number (k numeric(20,4) PRIMARY KEY, v text);
INSERT INTO by_number VALUES (1, 'a'), (1.5, 'b'), (-0.0001, 'c'), (1234567890123456.7891, 'd');
CREATE TABLE by_float (k double precision PRIMARY KEY, v text);
INSERT INTO by_float VALUES (0.1, 'a'), (1e300, 'b'), (-5e-324, 'c'), ('NaN', 'd'), ('Infinity', 'e'), (1, 'f');
CREATE TABLE by_date (k date, l timestamptz, v text, PRIMARY KEY (k, l));
INSERT INTO by_date VALUES ('2024-01-01', '2024-01-01 00:00:00.000001+00', 'a'), ('2024-01-01', '2024-01-01 00:00:00.000002+00', 'b'), ('infinity', '2024-01-01', 'c'), ('0044-03-15 BC', '-infinity', 'd');
CREATE TABLE by_bool (k boolean, l time, v text, PRIMARY KEY (k, l));
INSERT INTO by_bool VALUES (true, '01:00', 'a'), (false, '01:00:00.000001', 'b'), (true, '24:00', 'c');
CREATE TABLE by_bytes (k bytea PRIMARY KEY, v text);
INSERT INTO by_bytes VALUES ('\x00', 'a'), ('\xff', 'b'), ('\x', 'c');
CREATE TABLE by_enum (k 婚姻 PRIMARY KEY, v text);
INSERT INTO by_enum VALUES ('未婚', 'a'), ('已婚', 'b'), ('it''s complicated', 'c');
CREATE TABLE by_inet (k inet PRIMARY KEY, v text);
INSERT INTO by_inet VALUES ('10.0.0.1', 'a'), ('10.0.0.1/8', 'b'), ('::1', 'c');
CREATE TABLE by_array (k integer[] PRIMARY KEY, v text);
INSERT INTO by_array VALUES ('{1}', 'a'), ('{1,2}', 'b'), ('{}', 'c');

CREATE TABLE long_text (id integer PRIMARY KEY, v text);
INSERT INTO long_text SELECT i, repeat('长文本A', 262144) FROM generate_series(1, 3) i;
CREATE TABLE ties (id integer PRIMARY KEY, grade integer, name varchar(20));
INSERT INTO ties SELECT i, CASE WHEN i % 3 = 0 THEN NULL ELSE i % 5 END, CASE WHEN i % 7 = 0 THEN NULL ELSE 'n' || (i % 4) END FROM generate_series(1, 100000) i;
CREATE INDEX ON ties (grade); CREATE INDEX ON ties (name);

CREATE TABLE dropped_later (id integer PRIMARY KEY, v text);
INSERT INTO dropped_later VALUES (1, 'x');
CREATE TABLE renamed_later (id integer PRIMARY KEY, v text);
INSERT INTO renamed_later VALUES (1, 'x');
CREATE TABLE locked (id integer PRIMARY KEY, v text);
INSERT INTO locked VALUES (1, 'x');
CREATE TABLE forbidden (id integer PRIMARY KEY, v text);
INSERT INTO forbidden VALUES (1, 'x');
