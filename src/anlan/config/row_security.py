"""PostgreSQL's own row policies on the tables that say who people are: the second net (docs/row-security.md).

Made by ``anlan guard on`` as owner of the tables. The centre then signs in as a role that owns nothing and passes by
no policy; they bind the owner too (FORCE), and only a superuser passes by.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from psycopg import sql

from anlan.core.reach import EVERYTHING, GUARDED, SETTING

POLICY = "anlan_reach"
FUNCTION = f"""
CREATE OR REPLACE FUNCTION anlan_reach() RETURNS bigint[] LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN coalesce(current_setting('{SETTING}', true), '') IN ('', '{EVERYTHING}') THEN '{{}}'::bigint[]
         ELSE string_to_array(current_setting('{SETTING}', true), ',')::bigint[] END
$$"""
OF_CALL = """
SELECT 1 FROM intake_call c LEFT JOIN intake_incident i ON i.id = c.incident_id
WHERE c.id = intake_reporter.call_id
  AND ARRAY[c.station_id, i.station_id, i.town_room_id, i.holder_id, i.routed_to_id] && (SELECT anlan_reach())"""
OF_PARTY = """
WITH RECURSIVE above (id) AS (
  SELECT p.file_id FROM disputes_party p WHERE p.id = disputes_partyidentity.party_id
  UNION SELECT f.merged_into_id FROM disputes_disputefile f JOIN above ON f.id = above.id
        WHERE f.merged_into_id IS NOT NULL)
SELECT 1 FROM disputes_disputefile f JOIN above ON f.id = above.id
WHERE ARRAY[f.station_id, f.town_room_id, f.holder_id, f.mediating_id] && (SELECT anlan_reach())
   OR EXISTS (SELECT 1 FROM disputes_filerevisit r JOIN accounts_person a ON a.id = r.assigned_to_id
              WHERE r.file_id = f.id AND ARRAY[a.organisation_id] && (SELECT anlan_reach()))"""
"""Whoever holds a file reaches the parties of those that were merged into it, and so does who asks them after it."""
OF_SESSION = """
SELECT 1 FROM disputes_session s JOIN disputes_disputefile f ON f.id = s.file_id
JOIN disputes_mediation m ON m.id = s.mediation_id JOIN disputes_mediationbody b ON b.id = m.body_id
WHERE s.id = disputes_sessionminutes.session_id
  AND ARRAY[f.station_id, f.town_room_id, f.holder_id, f.mediating_id, b.organisation_id] && (SELECT anlan_reach())"""
OF_REQUEST = """
SELECT 1 FROM intake_incident i WHERE i.id = citizen_citizenrequest.incident_id
  AND ARRAY[i.station_id, i.town_room_id, i.holder_id, i.routed_to_id, citizen_citizenrequest.asked_of_id]
      && (SELECT anlan_reach())"""
OF_RECIPIENT = """
SELECT 1 FROM notices_outboundmessage m WHERE m.id = notices_messagerecipient.message_id
  AND ARRAY[m.organisation_id] && (SELECT anlan_reach())"""
OWNERS = dict(zip(GUARDED, (OF_CALL, OF_PARTY, OF_SESSION, OF_REQUEST, OF_RECIPIENT), strict=True))
"""For each table what finds an owning organisation in the reach: the columns of the models' ``scope_fields``."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How one table is guarded, and whether whoever asks passes by."""

    table: str
    is_on: bool
    is_forced: bool
    has_policy: bool


def policies_make(cursor: Any) -> None:
    """Guard each table; may be run again."""
    cursor.execute(FUNCTION)
    for table, owners in OWNERS.items():
        reached = f"(SELECT current_setting('{SETTING}', true)) = '{EVERYTHING}' OR EXISTS ({owners})"
        cursor.execute(f"DROP POLICY IF EXISTS {POLICY} ON {table}")
        cursor.execute(f"CREATE POLICY {POLICY} ON {table} USING ({reached})")
        cursor.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")


def policies_drop(cursor: Any) -> None:
    """Guard none of them any more."""
    for table in OWNERS:
        cursor.execute(f"DROP POLICY IF EXISTS {POLICY} ON {table}")
        cursor.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY")


def role_make(cursor: Any, name: str) -> None:
    """A role for the centre: it owns nothing and passes by no policy. Its password is not set here."""
    role = sql.Identifier(name)
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (name,))
    what = "ALTER" if cursor.fetchone() else "CREATE"
    kind = "LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE"
    cursor.execute(sql.SQL(f"{what} ROLE {{}} {kind}").format(role))
    rows, numbers = "SELECT, INSERT, UPDATE, DELETE", "USAGE, SELECT"
    for grant in (
        "GRANT USAGE ON SCHEMA public TO {}",
        f"GRANT {rows} ON ALL TABLES IN SCHEMA public TO {{}}",
        f"GRANT {numbers} ON ALL SEQUENCES IN SCHEMA public TO {{}}",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT {rows} ON TABLES TO {{}}",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT {numbers} ON SEQUENCES TO {{}}",
    ):
        cursor.execute(sql.SQL(grant).format(role))


def standing(cursor: Any) -> tuple[list[Standing], bool]:
    """How each table is guarded, and whether the role that asks passes by every policy."""
    cursor.execute(
        "SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity, EXISTS (SELECT 1 FROM pg_policy p"
        " WHERE p.polrelid = c.oid AND p.polname = %s) FROM pg_class c"
        " WHERE c.relname = ANY (%s) AND c.relkind = 'r' AND pg_table_is_visible(c.oid) ORDER BY c.relname",
        (POLICY, list(OWNERS)),
    )
    rows = [Standing(*row) for row in cursor.fetchall()]
    cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
    return rows, bool(cursor.fetchone()[0])
