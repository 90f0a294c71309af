-- What the store itself keeps: which makings of which read model there are, and how far each one was written. The rows of a
-- making are in tables of its own in this schema; readers see them as views with stable names in the schema read_models.
--
-- Views are made anew when readers are switched to another making. So that an account for readers keeps its right to them, grant
-- it as the account that writes: ALTER DEFAULT PRIVILEGES IN SCHEMA read_models GRANT SELECT ON TABLES TO ...

CREATE TABLE generations (
  projection text COLLATE "C" NOT NULL,
  number integer NOT NULL,
  version integer NOT NULL,
  status text NOT NULL CHECK (status IN ('building', 'active', 'retired')),
  tables text[] NOT NULL,
  begun_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (projection, number)
);

CREATE UNIQUE INDEX generations_active ON generations (projection) WHERE status = 'active';

CREATE TABLE checkpoints (
  projection text COLLATE "C" NOT NULL,
  number integer NOT NULL,
  topic text COLLATE "C" NOT NULL,
  "partition" integer NOT NULL,
  log_offset bigint NOT NULL,
  head text NOT NULL,
  head_offset bigint NOT NULL,
  command_offset bigint NOT NULL,
  PRIMARY KEY (projection, number, topic, "partition"),
  FOREIGN KEY (projection, number) REFERENCES generations ON DELETE CASCADE
);

CREATE SCHEMA IF NOT EXISTS read_models;

-- By this a reader knows whether what it waits for is in a read model already.
CREATE VIEW read_models.checkpoints AS
  SELECT c.projection, c.topic, c."partition", c.log_offset, c.command_offset
  FROM checkpoints c JOIN generations g USING (projection, number)
  WHERE g.status = 'active';
