"""Concerts by the hundred thousand, written by SQL: all that the three requests touch, each true of the others."""

import time
from datetime import UTC, datetime

import psycopg

from bench.bulk import without_indexes
from tourpad.core.concerts.cells import COLUMNS, PER_DEGREE
from tourpad.core.concerts.genres import genre_mask
from tourpad.core.places import towns

GENRES = ("folk", "jazz", "blues", "indie", "classical", "country", "bluegrass", "soul")
KNOWN = 200
"""Fans who are signed in."""

_PEOPLE = """
    INSERT INTO users (id, email, email_verified_at, name, user_type, state, sign_ins_valid_from, created_at,
        updated_at)
    SELECT md5(%(kind)s || 'u' || i)::uuid, %(kind)s || i || '@bench.example', %(now)s, initcap(%(kind)s) || ' ' || i,
        %(kind)s, 'active', '2020-01-01', %(now)s, %(now)s
    FROM generate_series(0, %(count)s - 1) i
"""
_STEPS = (
    """
    INSERT INTO artists (id, user_id, stage_name, genres, equipment_needs, music_samples, city, state, created_at,
        updated_at)
    SELECT md5('artist' || i)::uuid, md5('artistu' || i)::uuid, 'The Band No. ' || i,
        ARRAY[(%(genres)s::text[])[1 + i %% 8]], '{}', '[]', 'Columbus', 'OH', %(now)s, %(now)s
    FROM generate_series(0, %(tenth)s - 1) i
    """,
    """
    INSERT INTO hosts (id, user_id, venue_name, venue_type, city, state, time_zone, public_latitude, public_longitude,
        indoor_capacity, outdoor_capacity, preferred_genres, lodging_details, created_at, updated_at)
    SELECT md5('host' || i)::uuid, md5('hostu' || i)::uuid, 'House No. ' || i, 'home', t.name, t.state,
        'America/New_York', t.latitude + (i %% 89) * 0.0001, t.longitude + (i %% 97) * 0.0001, 1000, 0, '{}', '{}',
        %(now)s, %(now)s
    FROM generate_series(0, %(tenth)s - 1) i JOIN bench_towns t ON t.number = (i * 7919::bigint) %% %(towns)s
    """,
    """
    INSERT INTO fans (id, user_id, favorite_genres, created_at, updated_at)
    SELECT md5('fan' || i)::uuid, md5('fanu' || i)::uuid, '{}', %(now)s, %(now)s
    FROM generate_series(0, %(half)s - 1) i
    """,
    """
    INSERT INTO auth_sessions (id, user_id, refresh_hash, created_at, last_used_at, expires_at)
    SELECT md5('session' || i)::uuid, md5('fanu' || i)::uuid, md5('refresh' || i), %(now)s, %(now)s, '2100-01-01'
    FROM generate_series(0, %(known)s - 1) i
    """,
    # Ten shows of a host and of an artist, each on days of their own.
    """
    CREATE TEMP TABLE bench_shows AS
    SELECT i, md5('concert' || i)::uuid AS id, i %% %(tenth)s AS host,
        (i + (i / %(tenth)s) * 13) %% %(tenth)s AS artist,
        %(now)s::date + 2 + ((i %% %(tenth)s) * 7) %% 17 + (i / %(tenth)s) * 17 AS date,
        make_time(18 + i %% 4, 30 * (i %% 2), 0) AS at
    FROM generate_series(0, %(n)s - 1) i
    """,
    """
    INSERT INTO bookings (id, artist_id, host_id, concert_id, state, requested_date, requested_time, time_zone,
        estimated_duration, expected_attendance, maximum_attendance, artist_fee_cents, door_fee_cents,
        artist_door_bps, currency, lodging_details, requested_at, created_at, updated_at, confirmed_at)
    SELECT md5('booking' || i)::uuid, md5('artist' || artist)::uuid, md5('host' || host)::uuid, id, 'confirmed', date,
        at,
        'America/New_York', 90, 30, 1000, 0, 0, 8000, 'USD', '{}', %(now)s, %(now)s, %(now)s, %(now)s
    FROM bench_shows
    """,
    """
    INSERT INTO concerts (id, booking_id, artist_id, host_id, state, title, description, date, start_time, end_time,
        time_zone, starts_at, ends_at, max_capacity, door_fee_cents, currency, requires_approval, seats_taken,
        created_at, updated_at)
    SELECT id, md5('booking' || i)::uuid, md5('artist' || artist)::uuid, md5('host' || host)::uuid, 'scheduled',
        'An evening with The Band No. ' || artist, 'Songs in a living room.', date, at, at + interval '90 minutes',
        'America/New_York', (date + at) AT TIME ZONE 'America/New_York',
        (date + at) AT TIME ZONE 'America/New_York' + interval '90 minutes', 1000, 0, 'USD', false,
        CASE WHEN %(half)s > %(known)s + 11 THEN i %% 11 ELSE 0 END, %(now)s, %(now)s
    FROM bench_shows
    """,
    """
    INSERT INTO concert_search (id, date, start_time, latitude, longitude, cell, genre_mask, standing)
    SELECT s.id, s.date, s.at, h.public_latitude, h.public_longitude,
        floor((h.public_latitude + 90) * %(per)s)::bigint * %(columns)s
            + floor((h.public_longitude + 180) * %(per)s)::bigint,
        (%(masks)s::bigint[])[1 + s.artist %% 8], a.standing
    FROM bench_shows s JOIN hosts h ON h.id = md5('host' || s.host)::uuid
    JOIN artists a ON a.id = md5('artist' || s.artist)::uuid
    """,
    """
    INSERT INTO concert_facts (id, words, genres, venue_type, state, price_cents, door_mode)
    SELECT s.id, lower('an evening with the band no. ' || s.artist || ' ' || h.venue_name || ' ' || h.city), a.genres,
        h.venue_type, h.state, 0, 'fixed'
    FROM bench_shows s JOIN hosts h ON h.id = md5('host' || s.host)::uuid
    JOIN artists a ON a.id = md5('artist' || s.artist)::uuid
    """,
    # What others have asked for already: up to ten parties a show.
    """
    INSERT INTO rsvps (id, fan_id, concert_id, state, guests_count, fee_cents, requested_at, state_changed_at)
    SELECT md5('rsvp' || s.i || ' ' || k)::uuid,
        md5('fan' || (%(known)s + (s.i * 11::bigint + k) %% greatest(1, %(half)s - %(known)s)))::uuid, s.id, 'approved',
        1, 0, %(now)s, %(now)s
    FROM bench_shows s, generate_series(1, 10) k WHERE k <= s.i %% 11 AND %(half)s > %(known)s + 11
    """,
    "DROP TABLE bench_shows, bench_towns",
)


_LARGE = ("bookings", "concerts", "concert_search", "concert_facts", "rsvps")


def fill(url: str, n: int) -> float:
    """Write it all; answers the seconds it took."""
    began = time.monotonic()
    tenth, half = max(1, n // 10), max(KNOWN + 50, n // 2)
    homes = list(towns())
    shared = {
        "now": datetime.now(UTC),
        "n": n,
        "tenth": tenth,
        "half": half,
        "known": KNOWN,
        "genres": list(GENRES),
        "masks": [genre_mask([genre]) for genre in GENRES],
        "towns": len(homes),
        "per": PER_DEGREE,
        "columns": COLUMNS,
    }
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")  # checked by being made right, and much quicker
        connection.execute("SET synchronous_commit = off")
        connection.execute(
            "CREATE TEMP TABLE bench_towns (number bigint, name text, state text, latitude float8, longitude float8)"
        )
        with connection.cursor().copy("COPY bench_towns FROM STDIN") as copy:
            for number, town in enumerate(homes):
                copy.write_row((number, town.name, town.state, town.point.latitude, town.point.longitude))
        for kind, count in (("artist", tenth), ("host", tenth), ("fan", half)):
            connection.execute(_PEOPLE, {"kind": kind, "count": count, "now": shared["now"]})
        with without_indexes(connection, _LARGE):
            for step in _STEPS:
                connection.execute(step, shared if "%(" in step else None)
        connection.execute("VACUUM ANALYZE")
    return time.monotonic() - began
