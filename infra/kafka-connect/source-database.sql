-- Prepares the database whose table public.users the platform follows (topic ebap.cdc.users).
--
-- Needs PostgreSQL 15 or later with wal_level = logical, and max_slot_wal_keep_size set: it bounds what the replication
-- slot may keep on disk while nobody reads it. Run in that database as its owner with CREATEROLE, or as a superuser:
--   psql -v ON_ERROR_STOP=1 -d <database> -f source-database.sql
--   psql -d <database> -c '\password ebap_cdc'
-- May be run again at any time. On a managed service that has no REPLICATION attribute, grant its role in place of it
-- (rds_replication on Amazon RDS, cloudsqlreplica's REPLICATION by ALTER USER on Cloud SQL).

BEGIN;

-- The role reads the listed columns and the changes of its publications: it writes nothing and owns nothing.
DO $$
BEGIN
  CREATE ROLE ebap_cdc LOGIN REPLICATION CONNECTION LIMIT 16;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
  NULL;
END
$$;

-- The message key, as a plain column: logical replication skips generated ones.
ALTER TABLE public.users ADD COLUMN IF NOT EXISTS log_key text;

CREATE OR REPLACE FUNCTION public.users_set_log_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.log_key := NEW.workspace_id || ':' || NEW.user_id;
  RETURN NEW;
END
$$;

CREATE OR REPLACE TRIGGER users_log_key BEFORE INSERT OR UPDATE ON public.users
  FOR EACH ROW EXECUTE FUNCTION public.users_set_log_key();

UPDATE public.users SET log_key = workspace_id || ':' || user_id
  WHERE log_key IS DISTINCT FROM workspace_id || ':' || user_id;
ALTER TABLE public.users ALTER COLUMN log_key SET NOT NULL;

-- E-mail and display name never leave the database: the publication has a column list. PostgreSQL refuses updates of
-- such a table unless the list covers its replica identity, so that can't be FULL: it is this index, and a delete
-- shows its columns.
CREATE UNIQUE INDEX IF NOT EXISTS users_replica_identity ON public.users (workspace_id, user_id, log_key);
ALTER TABLE public.users REPLICA IDENTITY USING INDEX users_replica_identity;

DO $$
BEGIN
  CREATE PUBLICATION ebap_cdc_users;
EXCEPTION WHEN duplicate_object THEN
  NULL;
END
$$;
ALTER PUBLICATION ebap_cdc_users SET TABLE
  public.users (workspace_id, user_id, log_key, tier, country, created_at, updated_at);

GRANT USAGE ON SCHEMA public TO ebap_cdc;
GRANT SELECT (workspace_id, user_id, log_key, tier, country, created_at, updated_at) ON public.users TO ebap_cdc;

COMMIT;
