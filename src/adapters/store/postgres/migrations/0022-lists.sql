-- Lists by refs, page by page, in the order of bytes.
CREATE INDEX action_in_order ON action (ref COLLATE "C");
CREATE INDEX action_in_order_of_pack ON action (pack_ref, ref COLLATE "C");
CREATE INDEX pack_in_order ON pack (ref COLLATE "C");
CREATE INDEX key_in_order ON key (ref COLLATE "C");
CREATE INDEX runtime_in_order ON runtime (ref COLLATE "C");
