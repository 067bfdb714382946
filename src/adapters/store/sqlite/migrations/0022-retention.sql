-- What is removed when it is old or too much.
CREATE INDEX execution_with_result ON execution (id) WHERE result IS NOT NULL;
CREATE INDEX dead_letter_created ON dead_letter (created);
CREATE INDEX artifact_version_created ON artifact_version (created);
