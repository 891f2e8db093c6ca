-- Who may use the console. Secrets are here as hashes only.
CREATE TABLE console_account (
  name text PRIMARY KEY,
  role text NOT NULL CHECK (role IN ('operator', 'auditor')),
  password_hash text NOT NULL,
  created timestamptz NOT NULL,
  last_login timestamptz
);

CREATE TABLE console_session (
  word_hash bytea PRIMARY KEY,
  account text NOT NULL REFERENCES console_account (name) ON DELETE CASCADE,
  csrf text NOT NULL,
  begun timestamptz NOT NULL,
  used timestamptz NOT NULL
);

CREATE TABLE console_key (
  id text PRIMARY KEY,
  secret_hash bytea NOT NULL,
  label text NOT NULL,
  role text NOT NULL CHECK (role IN ('operator', 'auditor')),
  account text NOT NULL REFERENCES console_account (name) ON DELETE CASCADE,
  created timestamptz NOT NULL,
  expires timestamptz NOT NULL,
  last_used timestamptz
);

-- Requests that came with an idempotency key. While status is null the request is being carried out.
CREATE TABLE console_request (
  account text NOT NULL,
  request_key text NOT NULL,
  request_hash bytea NOT NULL,
  status integer,
  body text,
  created timestamptz NOT NULL,
  PRIMARY KEY (account, request_key)
);
