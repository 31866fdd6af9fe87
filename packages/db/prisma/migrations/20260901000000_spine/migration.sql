-- Workspaces and the people who may see them.

CREATE TABLE workspaces (
  id text PRIMARY KEY CHECK (id ~ '^[a-z][a-z0-9_]{0,62}$'),
  name text NOT NULL,
  currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  zone text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE people (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  email text NOT NULL,
  name text NOT NULL,
  idp_subject text NOT NULL UNIQUE,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE memberships (
  person_id uuid NOT NULL REFERENCES people ON DELETE CASCADE,
  workspace_id text NOT NULL REFERENCES workspaces ON DELETE CASCADE,
  role text NOT NULL CHECK (role IN ('devops', 'product_manager', 'data_analyst', 'customer_support', 'admin')),
  PRIMARY KEY (person_id, workspace_id, role)
);
CREATE INDEX memberships_workspace_id ON memberships (workspace_id);

CREATE TABLE sessions (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  token_hash bytea NOT NULL UNIQUE,
  person_id uuid NOT NULL REFERENCES people ON DELETE CASCADE,
  created_at timestamptz NOT NULL,
  last_seen_at timestamptz NOT NULL,
  idle_expires_at timestamptz NOT NULL,
  absolute_expires_at timestamptz NOT NULL,
  revoked_at timestamptz,
  user_agent text,
  ip text,
  idp_groups text[] NOT NULL DEFAULT '{}'
);
CREATE INDEX sessions_person_id ON sessions (person_id);
CREATE INDEX sessions_absolute_expires_at ON sessions (absolute_expires_at);

CREATE TABLE api_keys (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  workspace_id text NOT NULL REFERENCES workspaces ON DELETE CASCADE,
  name text NOT NULL,
  prefix text NOT NULL UNIQUE,
  key_hash bytea NOT NULL UNIQUE,
  scope text NOT NULL DEFAULT 'write' CHECK (scope IN ('write')),
  created_at timestamptz NOT NULL DEFAULT now(),
  last_used_at timestamptz,
  revoked_at timestamptz
);
CREATE INDEX api_keys_workspace_id ON api_keys (workspace_id);

-- The customer's users: the source of ebap.cdc.users. Logical replication skips generated columns, hence the trigger.

CREATE TABLE users (
  workspace_id text NOT NULL REFERENCES workspaces,
  user_id text NOT NULL CHECK (user_id <> ''),
  log_key text NOT NULL,
  email text,
  display_name text,
  tier text NOT NULL DEFAULT 'free' CHECK (tier IN ('free', 'silver', 'gold', 'platinum')),
  country text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (workspace_id, user_id)
);

CREATE FUNCTION users_set_log_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.log_key := NEW.workspace_id || ':' || NEW.user_id;
  RETURN NEW;
END
$$;

CREATE TRIGGER users_log_key BEFORE INSERT OR UPDATE ON users
  FOR EACH ROW EXECUTE FUNCTION users_set_log_key();

-- Reference data: the source of ebap.cdc.reference.

CREATE TABLE regions (
  code text PRIMARY KEY,
  name text NOT NULL,
  lat double precision NOT NULL CHECK (lat BETWEEN -90 AND 90),
  lng double precision NOT NULL CHECK (lng BETWEEN -180 AND 180),
  capacity double precision NOT NULL CHECK (capacity > 0)
);

-- rate: price of one unit of the currency in EUR, from valid_from (ms since the epoch) on.
CREATE TABLE rates (
  currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  valid_from bigint NOT NULL CHECK (valid_from >= 0),
  rate numeric(20, 10) NOT NULL CHECK (rate > 0),
  PRIMARY KEY (currency, valid_from)
);

CREATE TABLE action_mappings (
  workspace_id text NOT NULL REFERENCES workspaces ON DELETE CASCADE,
  source_name text NOT NULL,
  action text NOT NULL CHECK (action IN ('view', 'cart', 'purchase', 'login')),
  PRIMARY KEY (workspace_id, source_name)
);

CREATE TABLE rules (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  workspace_id text NOT NULL REFERENCES workspaces ON DELETE CASCADE,
  name text NOT NULL,
  version integer NOT NULL DEFAULT 1 CHECK (version > 0),
  definition jsonb NOT NULL,
  enabled boolean NOT NULL DEFAULT true,
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (workspace_id, name)
);

-- Change events carry the whole row before the change.
ALTER TABLE users REPLICA IDENTITY FULL;
ALTER TABLE workspaces REPLICA IDENTITY FULL;
ALTER TABLE regions REPLICA IDENTITY FULL;
ALTER TABLE rates REPLICA IDENTITY FULL;
ALTER TABLE action_mappings REPLICA IDENTITY FULL;
ALTER TABLE rules REPLICA IDENTITY FULL;

-- Privacy: a subject's data key, wrapped by the key-encryption key; destroying it is the erasure.

CREATE TABLE subject_keys (
  workspace_id text NOT NULL REFERENCES workspaces,
  user_id text NOT NULL CHECK (user_id <> ''),
  key_id uuid NOT NULL UNIQUE,
  wrapped_key bytea,
  kek_version integer NOT NULL CHECK (kek_version > 0),
  created_at timestamptz NOT NULL DEFAULT now(),
  destroyed_at timestamptz,
  PRIMARY KEY (workspace_id, user_id),
  CHECK ((wrapped_key IS NULL) = (destroyed_at IS NOT NULL))
);

CREATE TABLE erasure_ledger (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  workspace_id text NOT NULL REFERENCES workspaces,
  user_id text NOT NULL CHECK (user_id <> ''),
  key_id uuid,
  requested_by text NOT NULL,
  requested_at timestamptz NOT NULL DEFAULT now(),
  completed_at timestamptz,
  UNIQUE (workspace_id, user_id)
);

CREATE TABLE audit_outbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT now(),
  workspace_id text,
  actor text NOT NULL,
  kind text NOT NULL,
  detail jsonb NOT NULL DEFAULT '{}'
);

-- Checkpoints of the stream tasks.

CREATE TABLE task_leases (
  task text NOT NULL,
  partition integer NOT NULL CHECK (partition >= 0),
  epoch bigint NOT NULL,
  owner text NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (task, partition)
);

CREATE TABLE checkpoints (
  task text NOT NULL,
  partition integer NOT NULL CHECK (partition >= 0),
  frontier jsonb NOT NULL,
  manifest jsonb NOT NULL,
  epoch bigint NOT NULL,
  commit_id text NOT NULL,
  committed_at timestamptz NOT NULL,
  PRIMARY KEY (task, partition)
);

CREATE TABLE checkpoint_intents (
  id uuid PRIMARY KEY,
  task text NOT NULL,
  partition integer NOT NULL CHECK (partition >= 0),
  epoch bigint NOT NULL,
  opened_at timestamptz NOT NULL,
  state text NOT NULL CHECK (state IN ('open', 'committed', 'aborted'))
);
CREATE INDEX checkpoint_intents_state ON checkpoint_intents (state, opened_at);

CREATE TABLE intent_files (
  intent_id uuid NOT NULL REFERENCES checkpoint_intents ON DELETE CASCADE,
  name text NOT NULL,
  PRIMARY KEY (intent_id, name)
);

CREATE TABLE checkpoint_commits (
  commit_id text PRIMARY KEY,
  at timestamptz NOT NULL
);
CREATE INDEX checkpoint_commits_at ON checkpoint_commits (at);

CREATE TABLE sweep_list (
  name text PRIMARY KEY
);

-- Avro schemas.

CREATE TABLE schema_registry_schemas (
  id serial PRIMARY KEY,
  canonical_hash text NOT NULL UNIQUE,
  schema text NOT NULL
);

CREATE TABLE schema_registry_versions (
  subject text NOT NULL,
  version integer NOT NULL CHECK (version > 0),
  schema_id integer NOT NULL REFERENCES schema_registry_schemas,
  PRIMARY KEY (subject, version)
);
