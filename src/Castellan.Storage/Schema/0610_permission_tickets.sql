-- What people asked the owners of resources for, and were given (UMA 2.0): a row for each scope of a resource and each person; an empty scope stands for a
-- resource that has none. policy_id names the owner's policy that a granted one stands in.
CREATE TABLE permission_ticket (
    id {text} PRIMARY KEY,
    realm_id {text} NOT NULL,
    client_id {text} NOT NULL,
    resource_id {text} NOT NULL,
    scope_id {text} NOT NULL,
    owner_id {text} NOT NULL,
    requester_id {text} NOT NULL,
    policy_id {text},
    created BIGINT NOT NULL,
    granted BIGINT,
    UNIQUE (resource_id, requester_id, scope_id)
);
CREATE INDEX permission_ticket_of_realm ON permission_ticket (realm_id);
CREATE INDEX permission_ticket_of_client ON permission_ticket (client_id);
CREATE INDEX permission_ticket_of_owner ON permission_ticket (owner_id);
CREATE INDEX permission_ticket_of_requester ON permission_ticket (requester_id);
CREATE INDEX permission_ticket_in_policy ON permission_ticket (policy_id) WHERE policy_id IS NOT NULL;

-- The owner of a policy, for those that owners made.
ALTER TABLE authorization_policy ADD COLUMN owner_id {text};
CREATE INDEX authorization_policy_of_owner ON authorization_policy (owner_id) WHERE owner_id IS NOT NULL;
