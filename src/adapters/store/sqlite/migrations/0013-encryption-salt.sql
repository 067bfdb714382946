CREATE TABLE encryption_salt (id INTEGER PRIMARY KEY CHECK (id = 1), salt TEXT NOT NULL);
INSERT INTO encryption_salt (id, salt) VALUES (1, lower(hex(randomblob(32))));
