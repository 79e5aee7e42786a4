-- Two interfaces, each with its version: that of v_requests, and that of v_flows and v_backups, the same as in the state's file.
DROP VIEW v_interface;
CREATE VIEW v_interface (name, version) AS VALUES ('journal', 1), ('state', 1);
