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
said AS (
    SELECT contact, channel, us, seq, gone FROM consents WHERE channel IN ('sms', 'call')
    UNION ALL SELECT contact, unnest(['sms', 'call']), us, seq, true FROM acts
    WHERE outcome = 'not_interested' AND coalesce(following, '') <> 'undone'),
told_out AS (
    SELECT turned.contact, turned.us, turned.seq, channel, arg_max(gone, (said.us, said.seq)) AS gone
    FROM turned JOIN said ON said.contact = turned.contact AND (said.us, said.seq) <= (turned.us, turned.seq)
    GROUP BY ALL),
goes AS (
    SELECT contact, us, seq, us AS out FROM told_out WHERE gone
    UNION ALL SELECT turned.contact, turned.us, turned.seq, said.us FROM turned JOIN said
        ON said.contact = turned.contact AND (said.us, said.seq) > (turned.us, turned.seq) AND said.gone),
silent AS (SELECT contact, us, seq, min(out) AS out FROM goes GROUP BY ALL),
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
ended AS (
    SELECT tried.*, CASE WHEN heard <= coalesce(out, heard) THEN 'heard' WHEN out IS NOT NULL THEN 'out'
        ELSE 'waiting' END AS state, least(heard, out) AS ends
    FROM tried LEFT JOIN silent USING (contact, us, seq)),
every AS (
    SELECT here.contact, here.us AS since, here.seq, state, ends,
        CASE WHEN state = 'heard' THEN least(touched, heard) ELSE touched END AS touched,
        CASE WHEN state = 'heard' THEN reached_by END AS reached_by, coalesce(lead_source, '') AS lead_source
    FROM ended AS here LEFT JOIN sources USING (contact)
    WHERE NOT EXISTS (
        SELECT 1 FROM ended AS earlier WHERE earlier.contact = here.contact
        AND (earlier.us, earlier.seq) < (here.us, here.seq) AND (earlier.ends IS NULL OR earlier.ends > here.us))),
waits AS (
    SELECT every.contact, since, touched, state, ends, lead_source,
        coalesce(nullif(arg_max(owner, (owners.us, owners.seq)), ''), any_value(reached_by), '') AS agent
    FROM every LEFT JOIN owners
    ON owners.contact = every.contact AND (state <> 'heard' OR owners.us <= ends)
    WHERE since >= $start AND since < $end
    GROUP BY every.contact, since, every.seq, touched, state, ends, lead_source)
"""
