-- Domains of organizations by name, in lower case: a domain belongs to one organization of a realm at most. They stand in the documents too.
CREATE TABLE organization_domain (
    realm_id {text} NOT NULL,
    name {text} NOT NULL,
    organization_id {text} NOT NULL,
    PRIMARY KEY (realm_id, name)
) {clustered};
CREATE INDEX organization_domain_of_organization ON organization_domain (organization_id);

--! sqlite
INSERT INTO organization_domain (realm_id, name, organization_id)
SELECT o.realm_id, lower(d.value ->> '$.name'), o.id FROM organization o, json_each(o.document, '$.domains') d WHERE d.value ->> '$.name' IS NOT NULL
ON CONFLICT DO NOTHING;
--! postgresql
INSERT INTO organization_domain (realm_id, name, organization_id)
SELECT o.realm_id, lower(d ->> 'name'), o.id FROM organization o, jsonb_array_elements(o.document::jsonb -> 'domains') d WHERE d ->> 'name' IS NOT NULL
ON CONFLICT DO NOTHING;
