-- The customer's own table of people, as their shop keeps it. EBAP only reads it, see infra/kafka-connect.
CREATE TABLE IF NOT EXISTS public.users (
  workspace_id text NOT NULL,
  user_id text NOT NULL CHECK (user_id <> ''),
  email text,
  display_name text,
  tier text NOT NULL DEFAULT 'free' CHECK (tier IN ('free', 'silver', 'gold', 'platinum')),
  country text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (workspace_id, user_id)
);
