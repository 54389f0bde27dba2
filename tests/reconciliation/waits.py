"""Who turned hot and waited for a person, recounted from the events; `ANSWERS` of the sellers come before it."""

WAITS = """
, turned AS (
    SELECT contact, us, seq, temperature,
        coalesce(lag(temperature) OVER (PARTITION BY contact ORDER BY us, seq), '') AS was
    FROM answers),
acts AS (
    SELECT split_part(field('item'), ':', 2) AS contact, us, seq, field('action') AS action, field('by') AS person,
        field('outcome') AS outcome, coalesce(field('agent_id'), field('by')) AS agent, field('to') AS given,
        split_part(field('item'), ':', 1) AS sort,
        lead(field('action')) OVER (PARTITION BY field('item'), field('by') ORDER BY us, seq) AS following
    FROM events WHERE type = 'attention_update'),
told AS (
    SELECT field('contact_id') AS contact, us, seq, field('kind') AS kind,
        CAST(coalesce(number('duration_seconds'), 0) * 1e6 AS BIGINT) AS lasted,
        coalesce(field('channel'), '') = 'voicemail' AS is_voicemail, field('delivery') AS delivery,
        coalesce(field('agent_id'), field('agent_name'), '') AS agent
    FROM events WHERE type = 'conversation_event' AND field('author') = 'agent'
        AND field('kind') NOT IN ('task', 'note') AND coalesce(field('delivery'), 'read') IN ('delivered', 'read')),
attempts AS (
    SELECT contact, us, seq, agent, CASE
        WHEN is_voicemail THEN NULL
        WHEN kind IN ('message', 'appointment_booked') THEN us
        WHEN kind = 'call_ended' AND (lasted > 0 OR delivery IS NOT NULL) THEN us - lasted END AS since
    FROM told
    UNION ALL SELECT contact, us, seq, agent,
        CASE WHEN outcome IN ('reached', 'appointment', 'not_interested') THEN us END
    FROM acts WHERE action = 'called' AND coalesce(following, '') <> 'undone'),
tried AS (
    SELECT turned.contact, turned.us, turned.seq, min(attempts.us) AS touched,
        min(CASE WHEN since IS NOT NULL THEN greatest(since, turned.us) END) AS heard,
        arg_min(agent, (since, attempts.seq)) FILTER (since IS NOT NULL) AS reached_by
    FROM turned LEFT JOIN attempts
    ON attempts.contact = turned.contact AND (attempts.us, attempts.seq) > (turned.us, turned.seq)
    WHERE temperature = 'hot' AND was <> 'hot' GROUP BY turned.contact, turned.us, turned.seq),
left_channels AS (
    SELECT contact, channel, max((us, seq)) FILTER (NOT gone) AS last_in FROM consents
    WHERE channel IN ('sms', 'call') GROUP BY ALL),
silent AS (
    SELECT contact, max(us) AS us FROM (
        SELECT contact, channel, min(us) AS us FROM consents JOIN left_channels USING (contact, channel)
        WHERE gone AND (us, seq) > coalesce(last_in, (0, 0)) GROUP BY ALL)
    GROUP BY contact HAVING count(*) = 2),
owners AS (
    SELECT field('contact_id') AS contact, us, seq,
        coalesce(field('assigned_to'), data ->> '$.changed.assigned_to.to', '') AS owner
    FROM events WHERE type = 'contact_update' AND (field('assigned_to') IS NOT NULL
        OR json_exists(data, '$.changed.assigned_to'))
    UNION ALL SELECT contact, us, seq, coalesce(given, agent) FROM acts
    WHERE action = 'assigned' AND sort = 'hot' AND coalesce(following, '') <> 'undone'),
sources AS (
    SELECT field('contact_id') AS contact, arg_max(named, (us, seq)) AS lead_source FROM (
        SELECT *, coalesce(field('lead_source'), data ->> '$.changed.lead_source.to') AS named FROM events
        WHERE type = 'contact_update' AND json_exists(data, '$.changed.lead_source'))
    GROUP BY contact),
every AS (
    SELECT here.contact, here.us AS since, least(touched, heard) AS touched, CASE
        WHEN heard IS NOT NULL THEN 'heard' WHEN silent.us IS NOT NULL THEN 'out' ELSE 'waiting' END AS state,
        coalesce(heard, greatest(silent.us, here.us)) AS ends, reached_by, here.seq,
        coalesce(lead_source, '') AS lead_source
    FROM tried AS here LEFT JOIN silent USING (contact) LEFT JOIN sources USING (contact)
    WHERE NOT EXISTS (
        SELECT 1 FROM tried AS earlier WHERE earlier.contact = here.contact
        AND (earlier.us, earlier.seq) < (here.us, here.seq) AND (earlier.heard IS NULL OR earlier.heard > here.us))),
waits AS (
    SELECT every.contact, since, touched, state, CASE WHEN silent.us IS NULL AND state = 'waiting' THEN NULL
        ELSE ends END AS ends, lead_source,
        coalesce(nullif(arg_max(owner, (owners.us, owners.seq)), ''), any_value(reached_by), '') AS agent
    FROM every LEFT JOIN silent USING (contact) LEFT JOIN owners
    ON owners.contact = every.contact AND (state <> 'heard' OR owners.us <= ends)
    WHERE since >= $start AND since < $end
    GROUP BY every.contact, since, every.seq, touched, state, ends, lead_source, silent.us)
"""
