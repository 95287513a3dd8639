-- Clients whose documents hold authorization settings: those of versions before 0510 hold what they protect, too. It goes into rows when the server
-- next starts, a client a transaction, which takes the client out of this table.
CREATE TABLE authorization_to_move (
    client_id {text} PRIMARY KEY,
    realm_id {text} NOT NULL
);
INSERT INTO authorization_to_move (client_id, realm_id) SELECT id, realm_id FROM client WHERE document LIKE '%"authorizationSettings":{%';
