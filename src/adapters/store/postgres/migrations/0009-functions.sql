-- The SQL functions of this schema: the files in functions/, which `attune-agent migrate` applies whenever one has
-- changed.
CREATE TABLE agent_function (
  name TEXT PRIMARY KEY,
  -- SHA-256 of the file that was applied.
  checksum TEXT NOT NULL,
  -- The newest version of attune-agent that has applied its functions here.
  version TEXT NOT NULL,
  applied_at TIMESTAMPTZ NOT NULL DEFAULT now()
);

-- The functions that the migrations before this one have made. No file has an empty checksum, so their files replace
-- them.
INSERT INTO agent_function (name, checksum, version)
SELECT name, '', '0.0.0'
FROM
  unnest(
    ARRAY[
      'agent_append_logs',
      'agent_begin_drain',
      'agent_begin_environment',
      'agent_claim',
      'agent_deregister',
      'agent_dispatch_message',
      'agent_end_environment',
      'agent_forget',
      'agent_forget_environments',
      'agent_grant',
      'agent_heartbeat',
      'agent_holds',
      'agent_keep_logs',
      'agent_may',
      'agent_messages',
      'agent_owner',
      'agent_owner_is_gone',
      'agent_register',
      'agent_renew_environment',
      'agent_save_artifacts',
      'agent_save_detected',
      'agent_settle',
      'agent_unpublished',
      'notify_artifact',
      'notify_execution'
    ]
  ) AS name;
