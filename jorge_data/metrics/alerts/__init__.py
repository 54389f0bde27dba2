"""Alert rules: what a rule watches for, when it rings, and what people did then; pure functions, in this order:

events, facts and readings → episodes: the times in which what a rule watches for held of a subject (`thresholds`,
`silence`, `contact_episodes`) → alerts: when each rang, was acknowledged and resolved, as of a position of the log and
a moment (`evaluation`) → the report card of a rule (`report_card`). `built_in` lists the rules. A rehearsal over the
past and an evaluation by the clock are the same functions.
"""
