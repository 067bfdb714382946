-- The versions of an artifact, newest first, are found without a look at all others.
CREATE INDEX artifact_version_of_artifact ON artifact_version (artifact);
