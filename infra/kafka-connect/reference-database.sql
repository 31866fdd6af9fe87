-- Prepares the platform's own database for the topic ebap.cdc.reference: regions, rates, rules, action mappings and
-- workspaces, all in one partition. Run after the migrations, as their owner with CREATEROLE or as a superuser:
--   psql -v ON_ERROR_STOP=1 -d <database> -f reference-database.sql
--   psql -d <database> -c '\password ebap_cdc'
-- May be run again at any time.

BEGIN;

DO $$
BEGIN
  CREATE ROLE ebap_cdc LOGIN REPLICATION CONNECTION LIMIT 16;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
  NULL;
END
$$;

-- The message key: the table's name and primary key, joined by colons. The trigger's arguments name the key's columns.
CREATE OR REPLACE FUNCTION public.reference_set_log_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.log_key := TG_TABLE_NAME || ':' || (
    SELECT string_agg(to_jsonb(NEW) ->> k.name, ':' ORDER BY k.n)
    FROM unnest(TG_ARGV) WITH ORDINALITY AS k (name, n));
  RETURN NEW;
END
$$;

ALTER TABLE public.regions ADD COLUMN IF NOT EXISTS log_key text;
ALTER TABLE public.rates ADD COLUMN IF NOT EXISTS log_key text;
ALTER TABLE public.rules ADD COLUMN IF NOT EXISTS log_key text;
ALTER TABLE public.action_mappings ADD COLUMN IF NOT EXISTS log_key text;
ALTER TABLE public.workspaces ADD COLUMN IF NOT EXISTS log_key text;

CREATE OR REPLACE TRIGGER regions_log_key BEFORE INSERT OR UPDATE ON public.regions
  FOR EACH ROW EXECUTE FUNCTION public.reference_set_log_key('code');
CREATE OR REPLACE TRIGGER rates_log_key BEFORE INSERT OR UPDATE ON public.rates
  FOR EACH ROW EXECUTE FUNCTION public.reference_set_log_key('currency', 'valid_from');
CREATE OR REPLACE TRIGGER rules_log_key BEFORE INSERT OR UPDATE ON public.rules
  FOR EACH ROW EXECUTE FUNCTION public.reference_set_log_key('id');
CREATE OR REPLACE TRIGGER action_mappings_log_key BEFORE INSERT OR UPDATE ON public.action_mappings
  FOR EACH ROW EXECUTE FUNCTION public.reference_set_log_key('workspace_id', 'source_name');
CREATE OR REPLACE TRIGGER workspaces_log_key BEFORE INSERT OR UPDATE ON public.workspaces
  FOR EACH ROW EXECUTE FUNCTION public.reference_set_log_key('id');

-- The triggers fill what was there before them.
UPDATE public.regions SET log_key = NULL WHERE log_key IS NULL;
UPDATE public.rates SET log_key = NULL WHERE log_key IS NULL;
UPDATE public.rules SET log_key = NULL WHERE log_key IS NULL;
UPDATE public.action_mappings SET log_key = NULL WHERE log_key IS NULL;
UPDATE public.workspaces SET log_key = NULL WHERE log_key IS NULL;

ALTER TABLE public.regions ALTER COLUMN log_key SET NOT NULL, REPLICA IDENTITY FULL;
ALTER TABLE public.rates ALTER COLUMN log_key SET NOT NULL, REPLICA IDENTITY FULL;
ALTER TABLE public.rules ALTER COLUMN log_key SET NOT NULL, REPLICA IDENTITY FULL;
ALTER TABLE public.action_mappings ALTER COLUMN log_key SET NOT NULL, REPLICA IDENTITY FULL;
ALTER TABLE public.workspaces ALTER COLUMN log_key SET NOT NULL, REPLICA IDENTITY FULL;

DO $$
BEGIN
  CREATE PUBLICATION ebap_cdc_reference;
EXCEPTION WHEN duplicate_object THEN
  NULL;
END
$$;
ALTER PUBLICATION ebap_cdc_reference SET TABLE
  public.regions, public.rates, public.rules, public.action_mappings, public.workspaces;

GRANT USAGE ON SCHEMA public TO ebap_cdc;
GRANT SELECT ON public.regions, public.rates, public.rules, public.action_mappings, public.workspaces TO ebap_cdc;

COMMIT;
