-- Users are found by the values of their attributes whatever the case.
CREATE INDEX user_attribute_by_lower_value ON user_attribute (realm_id, name, lower(value), user_id);
DROP INDEX user_attribute_by_value;
