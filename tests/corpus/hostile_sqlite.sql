CREATE TABLE "人员 表" ("编号" integer PRIMARY KEY, "姓 名" text, "select" text, "a""b" text, "100%" text, "x:y" text,
                     "p.q" text, "a'b" text, "%(x)s" text, "$1" text, "tab	name" text, "名称（全称）" text, "?" text, "[x]" text, "`" text);
INSERT INTO "人员 表" WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 23)
  SELECT i, '名' || i, 's', 'b', 'p', 'c', 'd', 'a', 'f', 'm', 't', 'z', 'y', 'x', 'w' FROM n;
CREATE TABLE "order" ("group" integer PRIMARY KEY, "table" text);
INSERT INTO "order" VALUES (1, 'x'), (2, NULL);
CREATE TABLE "semi;drop" (id integer PRIMARY KEY, "a;b" text);
INSERT INTO "semi;drop" VALUES (1, 'x');
CREATE TABLE "sqlite" (id integer PRIMARY KEY, rowid text, oid text);
INSERT INTO "sqlite" VALUES (1, 'r', 'o');
CREATE TABLE collide (user_id integer PRIMARY KEY, "userId" integer, "User Id" integer, "USER-ID" integer, user__id integer,
                      "recordId" text, record_id text, "limit" text, cursor text, fields text, sort text, filter text,
                      "1st" text, "_" text, "中文" text, "中 文" text);
INSERT INTO collide VALUES (1, 2, 3, 4, 5, 'r', 'rr', 'l', 'c', 'f', 's', 'fi', '1', 'u', 'z', 'zz');

CREATE TABLE composite (a text, b integer, c char(5), d text, PRIMARY KEY (a, b, c));
INSERT INTO composite WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 40)
  SELECT char(97 + i % 3), i / 3, 'k' || (i % 2), 'v' || i FROM n;
CREATE TABLE composite_null (a text, b integer, v text, PRIMARY KEY (a, b));
INSERT INTO composite_null VALUES ('x', NULL, '1'), ('x', NULL, '2'), (NULL, NULL, '3'), ('x', 1, '4');
CREATE TABLE without_rowid (k text PRIMARY KEY, v text) WITHOUT ROWID;
INSERT INTO without_rowid VALUES ('a', 'x'), ('A', 'y');
CREATE TABLE padded (code char(10) PRIMARY KEY, v text);
INSERT INTO padded VALUES ('A         ', '1'), ('A', '2'), ('a b', '3'), ('', '4'), ('中文', '5');
CREATE TABLE odd_text (k text PRIMARY KEY, v integer);
INSERT INTO odd_text VALUES ('a/b', 1), ('a b', 2), ('50%', 3), ('~', 4), ('a~b', 5), ('😀', 6), ('𠮷野家', 7), ('', 8), (' ', 9),
  ('.', 10), ('..', 11), ('?q=1', 12), ('#h', 13), ('a+b', 14), ('%2F', 15), ('"', 16), ('''', 17), ('\', 18), ('null', 19),
  ('007', 20), ('7', 21), ('1e3', 22), ('é', 23), ('e' || char(769), 24), ('A', 25), ('a', 26), ('_search', 27), ('line' || char(10) || 'break', 28),
  ('<script>', 29), (char(12288), 30), (char(8238), 31), ('110101199003077774', 32), ('Ａ', 33), ('ß', 34), ('SS', 35), ('ss', 36),
  (char(194560), 37), (char(1114111), 38), (char(57344), 39), (char(65535), 40), ('-1', 41), ('0', 42), (char(1), 43), (char(127), 44),
  ('a' || char(0) || 'b', 45), ('a' || char(0), 46), (char(0), 47);
CREATE TABLE folding (k text COLLATE NOCASE PRIMARY KEY, v text COLLATE RTRIM);
INSERT INTO folding VALUES ('a', 'x'), ('B', 'x '), ('É', 'y'), ('é', 'Y');
CREATE INDEX folding_v ON folding (v);

CREATE TABLE broken_text (id integer PRIMARY KEY, v text, w text);
INSERT INTO broken_text VALUES (1, CAST(x'D6D0CEC4' AS text), 'gbk'), (2, CAST(x'FF' AS text), 'no utf-8'), (3, 'sound', 'sound'),
  (4, CAST(x'EDA080' AS text), 'surrogate'), (5, char(65533), 'replacement'), (6, CAST(x'61006200' AS text), 'nul');
CREATE TABLE broken_key (k text PRIMARY KEY, v text);
INSERT INTO broken_key VALUES (CAST(x'D6D0CEC4' AS text), 'a'), ('sound', 'b'), (CAST(x'FF' AS text), 'c');

CREATE TABLE no_key (a text, b integer);
INSERT INTO no_key VALUES ('x', 1), ('x', 1), ('y', 2), (NULL, NULL);
CREATE TABLE empty_table (id integer PRIMARY KEY, v text, d date, n decimal(10, 2));
CREATE TABLE empty_keyless (v text, w json);
CREATE VIEW a_view AS SELECT "编号" AS n, "姓 名" AS name, 1 = 1 AS flag FROM "人员 表";
CREATE VIEW broken_view AS SELECT id, missing FROM nowhere;
CREATE VIEW no_key_view AS SELECT b, a FROM no_key;
CREATE VIRTUAL TABLE search USING fts5(body);
INSERT INTO search VALUES ('hello world'), ('你好');
CREATE TABLE generated (id integer PRIMARY KEY, a integer, b integer GENERATED ALWAYS AS (a * 2) VIRTUAL, c text GENERATED ALWAYS AS ('c' || a) STORED);
INSERT INTO generated (id, a) VALUES (1, 21);

CREATE TABLE moments (id integer PRIMARY KEY, d date, dt datetime, ts timestamp, t time, dates_as_text text, dates_as_number integer, mixed text);
INSERT INTO moments VALUES
  (1, '2024-02-29', '2024-02-29 12:34:56.789012', '2024-02-29T12:34:56Z', '23:59:59', '20240229', 20240229, '2024-02-29'),
  (2, '1949-10-01', '1986-05-04 02:30:00', '1986-09-13T16:30:00+00:00', '00:00', '19491001', 19491001, '1949/10/01'),
  (3, '1900-01-01', '1986-09-14 01:30:00', '1986-09-14 01:30:00', '12:00:00.5', '00000000', 0, '19000101'),
  (4, '9999-12-31', '1991-09-15 01:30:00', '1991-09-15 01:30:00', NULL, NULL, NULL, NULL),
  (5, '0001-01-01', '1890-01-01 00:00:00', '1890-01-01 00:00:00', NULL, '19990101', 19990101, 'someday'),
  (6, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
CREATE INDEX moments_d ON moments (d); CREATE INDEX moments_dt ON moments (dt); CREATE INDEX moments_ts ON moments (ts);
CREATE INDEX moments_text ON moments (dates_as_text); CREATE INDEX moments_number ON moments (dates_as_number);
CREATE TABLE later_dirt (id integer PRIMARY KEY, d date, n integer, flag boolean, price decimal(10, 2));
INSERT INTO later_dirt WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)
  SELECT i, date('2000-01-01', i || ' days'), i, i % 2, i / 100.0 FROM n;
UPDATE later_dirt SET d = 'unknown' WHERE id = 150;
UPDATE later_dirt SET d = '0000-00-00' WHERE id = 151;
UPDATE later_dirt SET d = '2001-02-30' WHERE id = 153;
CREATE TABLE dst (id integer PRIMARY KEY, ts datetime NOT NULL);
INSERT INTO dst WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 24)
  SELECT i, datetime('1986-05-03 20:00', (i * 30) || ' minutes') FROM n;
INSERT INTO dst WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 24)
  SELECT 100 + i, datetime('1986-09-13 20:00', (i * 30) || ' minutes') FROM n;
CREATE INDEX dst_ts ON dst (ts);

CREATE TABLE numbers (id integer PRIMARY KEY, big integer, price decimal(10, 2), f real, flag boolean, mixed, n numeric, wide bigint);
INSERT INTO numbers VALUES
  (1, 9223372036854775807, 12.5, 0.1, 1, 'text', 1, 1), (2, -9223372036854775808, 12, 1e308, 0, 5, 1.5, 2),
  (3, 9007199254740993, NULL, 5e-324, NULL, 1.5, 9007199254740993, 3), (4, 0, 0.1, 9e999, 1, x'00FF', NULL, NULL),
  (5, NULL, -0.01, -0.0, 0, NULL, 0, NULL), (9007199254740993, 1, 1e10, -9e999, 1, 'more', 3.25, 9007199254740993);
CREATE INDEX numbers_big ON numbers (big); CREATE INDEX numbers_price ON numbers (price); CREATE INDEX numbers_f ON numbers (f);
CREATE INDEX numbers_flag ON numbers (flag); CREATE INDEX numbers_mixed ON numbers (mixed); CREATE INDEX numbers_n ON numbers (n);
CREATE INDEX numbers_wide ON numbers (wide);
CREATE TABLE kinds (id integer PRIMARY KEY, b blob, j json, u uuid, weird "MY OWN TYPE", untyped);
INSERT INTO kinds VALUES (1, x'00FF10', '{"a": 1.0, "b": [null, true], "中": "文"}', '00000000-0000-0000-0000-000000000001', 'x', x'01'), (2, NULL, NULL, NULL, NULL, NULL), (3, x'', '[]', '', '', x'FF');

CREATE TABLE by_float (k real PRIMARY KEY, v text);
INSERT INTO by_float VALUES (0.1, 'a'), (1e300, 'b'), (-5e-324, 'c'), (1, 'f'), (9e999, 'g');
CREATE TABLE by_date (k date PRIMARY KEY, v text);
INSERT INTO by_date VALUES ('2024-01-01', 'a'), ('1949-10-01', 'b');
CREATE TABLE by_bytes (k blob PRIMARY KEY, v text);
INSERT INTO by_bytes VALUES (x'00', 'a'), (x'FF', 'b'), (x'', 'c');
CREATE TABLE by_any (k PRIMARY KEY, v text);
INSERT INTO by_any VALUES (1, 'a'), ('1', 'b'), (1.5, 'c'), (x'31', 'd'), ('x', 'e');

CREATE TABLE long_text (id integer PRIMARY KEY, v text);
INSERT INTO long_text WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3)
  SELECT i, replace(hex(zeroblob(131072)), '0', '长文本A') FROM n;
CREATE TABLE ties (id integer PRIMARY KEY, grade integer, name varchar(20));
INSERT INTO ties WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
  SELECT i, CASE WHEN i % 3 = 0 THEN NULL ELSE i % 5 END, CASE WHEN i % 7 = 0 THEN NULL ELSE 'n' || (i % 4) END FROM n;
CREATE INDEX ties_grade ON ties (grade); CREATE INDEX ties_name ON ties (name);

CREATE TABLE dropped_later (id integer PRIMARY KEY, v text);
INSERT INTO dropped_later VALUES (1, 'x');
CREATE TABLE renamed_later (id integer PRIMARY KEY, v text);
INSERT INTO renamed_later VALUES (1, 'x');
