-- What somebody was given is looked for at one resource server at a time.
CREATE INDEX permission_ticket_of_requester_at_client ON permission_ticket (requester_id, client_id);
DROP INDEX permission_ticket_of_requester;
