-- Changes of users leave the database without e-mail and display name: the publication has a column list. Postgres
-- allows that only where the list covers the replica identity, so it can't be FULL: it is this index.
CREATE UNIQUE INDEX users_replica_identity ON users (workspace_id, user_id, log_key);
ALTER TABLE users REPLICA IDENTITY USING INDEX users_replica_identity;
