"""The words: Jorge's questions, what sellers answer, where they stall, and what the bot says then."""

OPENING = (
    "Hi {first}, it's Jorge's office. Before we dive in — what's the property address? "
    "Just so I can look up the right information for your area."
)

QUESTIONS = (
    "What's making you think about selling, and where would you move to?",
    "If our team sold your home within the next 30 to 45 days, would that work for you?",
    "How would you describe your home — move in ready or would it need some work?",
    "What price would make you feel good about selling?",
)

TOPICS = ("motivation", "timeline", "condition", "price")

FIRST_WORDS = (
    "Hi, I'd like to know what my home is worth",
    "Saw your sign on {street}. We may sell ours too",
    "Hello, are you buying houses in Austin?",
    "I filled in the form on your site. What now?",
)

ADDRESSES = ("{address}, Austin", "It's {address}", "{address}. We've been here nine years", "sure, {address}")

ANSWERS: dict[str, tuple[tuple[str, ...], ...]] = {
    "eager": (
        (
            "I got a job in {city} and start in two months, so we have to move",
            "We're having our third and this place is too small. Looking at {city}",
            "Divorce, honestly. I'd like it behind me. Probably moving to {city}",
            "My mom in {city} needs us close by, we want to be there before spring",
        ),
        (
            "Yes, 30 days would be perfect for us",
            "That works, the sooner the better to be honest",
            "Yes we could be out by then, can we talk about it this week?",
            "45 days works. We already have a place lined up",
        ),
        (
            "Move in ready. New roof in 2021 and we redid the kitchen",
            "It's in good shape, just painted, nothing that needs doing",
            "Ready to go, the inspector was here last year and found nothing big",
            "Move in ready I'd say, maybe the carpet upstairs",
        ),
        (
            "{price}k and we'd sign this week",
            "If you get me {price} I'm in. Can you call me today?",
            "We looked at comps, {price} thousand would be fair",
            "{price}k, and we'd be happy with that",
        ),
    ),
    "plain": (
        (
            "Kids are out of the house so we're thinking of downsizing, maybe to {city}",
            "Thinking about a move to {city}, nothing urgent",
            "We want something with less yard. Not sure where yet",
        ),
        (
            "I think that would be ok",
            "That could work if the price is right",
            "Probably, we'd need to find a place first",
        ),
        (
            "It's fine, kitchen is from the nineties but everything works",
            "Some work I guess. The AC is old and the deck needs help",
            "Mostly ready, it could use paint and a new fence",
        ),
        (
            "Something around {price}k I think",
            "What do you think it's worth? I had {price} in mind",
            "Not under {price}",
        ),
    ),
    "weak": (
        ("Just curious what it's worth", "idk, maybe someday", "not sure really"),
        ("No, not before next summer", "No that's way too fast for us", "Not really, we're not in a rush"),
        ("idk it's a house", "It needs a lot. Foundation, plumbing, all of it", "maybe, not sure"),
        ("Depends", "I'd have to think what it's worth", "no idea"),
    ),
}

ASIDES = (
    ("Before I answer, how did you get my number?", "Fair question: you asked about your home's value on our site."),
    ("What do you guys charge?", "6 %, and only if we sell it at a price you agreed to."),
    ("Is this a person or a bot?", "I'm Jorge's assistant, an automated one. Jorge reads along and calls you himself."),
    ("Would you buy it yourself or list it?", "Both are possible. A few more questions and Jorge can tell you."),
    ("Do I have to fix anything before?", "No. We look at what pays back and leave the rest."),
)

STALLS = {
    "thinking": ("let me think about it", "I need to think it over", "still pondering with my wife"),
    "get_back": ("I'll get back to you next week", "Busy right now, later", "Can I get back to you on that?"),
    "zestimate": ("Zillow says it's worth {zestimate}k", "My zestimate is {zestimate} so I don't know"),
    "agent": ("We're already talking to a realtor", "My cousin is a broker, we'd probably go with someone we know"),
    "just_looking": ("Just looking around for now", "I'm only looking, no plans"),
    "surface_objection": ("The neighbor sold for way more", "I heard your offers are too low"),
    "vague_answers": ("maybe", "i guess", "not sure"),
}

BREAKERS = {
    "thinking": "Sure. What exactly do you want to think about: the price, the timing, or whether to sell at all?",
    "get_back": "Happy to wait, but I close this file on Friday. Is selling still something you want this year?",
    "zestimate": "Zillow has never been in your kitchen. Do you want to know what buyers paid on {street} last month?",
    "agent": "Good, then compare us. Did they tell you in writing what your home will sell for, and when?",
    "just_looking": "No problem. If nothing changed in a year, would you still be at {address}?",
    "surface_objection": "Could be. What did theirs have that yours hasn't? I'd like to use it for your price.",
    "vague_answers": "I don't want to waste your time, {first}. Close your file, or finish this in two minutes?",
}

BYES = {
    "hot": "Perfect, {first}. Jorge will call you himself today. What's a good time?",
    "warm": "Thanks, {first}. I'll send you what sold near {street} and check in next week.",
    "cold": "Thanks for your time, {first}. If your plans change, just write back here.",
}

CLOSINGS = (
    "I haven't heard back, {first}, so I'm closing your file. Write me when selling {address} is a topic again.",
    "{first}, I'll assume now isn't the time. We're here when it is.",
)

STOPS = ("STOP", "Please stop texting me", "Remove me from your list", "stop")

STOPPED = "You won't hear from us again. All the best."

WRITER = "Jorge"
"""Who writes in AGENT; another agent writes the same under his own name."""

AGENT = (
    "Hi {first}, Jorge here. I can be at {address} tomorrow at 10, does that work?",
    "{first}, it's Jorge. Just tried to call you, when is good?",
    "Hey {first}, Jorge. I ran the numbers on {address} and like them. Call you at 4?",
    "Hi {first}, this is Jorge from the office. Happy to answer anything, here or on the phone.",
)

ANSWERED_BY_AGENT = ("Great, it's in the calendar. See you then.", "Perfect, talk to you then.", "Good, I'll be there.")

TALKED = (
    "Went through price and timing; wants the comparison by mail.",
    "Visit of the home agreed; both owners will be there.",
    "Asked about fees and how long it takes; thinks it over with the family.",
    "Wants to sell, not before the roof is done.",
)

VISIT = ("Tomorrow at 10 works, see you then", "4 is good", "Yes please, I'm home all day")

CHECK_INS = (
    "Hi {first}, it's Jorge's office. We have buyers interested near {street}. Still thinking about a move?",
    "Hi {first}, quick check-in: anything you'd like to know about the market around {street}?",
    "Hi {first}, no rush at all, just wanted to say we're here when you have questions.",
)

LAST_NUDGES = (
    "Hi {first}, last note from us: should we keep {address} on our list or close the file?",
    "{first}, we haven't heard back. If now isn't the time, that's fine, reply anytime.",
)

CMA_MAIL = ("{first}, attached is what comparable homes near {street} sold for. Ours for {address}: about ${value:,}.",)

REPLIES = (
    "Hey, yes we're still looking. Saturday could work for a showing",
    "Actually yes, things changed. Can somebody call me?",
    "Not yet but maybe in the fall",
    "Still with the bank on the preapproval, keep me posted",
    "Is the one on {street} still available?",
    "We'd want four bedrooms now, anything under 500?",
)

THANKS = "Thanks {first}, that helps. Jorge's office will get back to you."

CALL_SUMMARIES = {
    "positive": "Wants to see homes this month; asked for a call from the agent.",
    "neutral": "Still undecided; open to hear again after the holidays.",
    "negative": "Annoyed by the timing; no interest at the moment.",
}

CALL_BACK = "Asks for a call: can someone ring me after lunch?"

NOT_FOR_A_BOT = "do you handle probate too? It was my dad's house"

WHO = "who is this?"

AFTER_NEW_YEAR = "maybe after New Year, how is the market?"

HOT_PRICE = "{price}k and we'd sign this week"

NO_SMS = ("carrier: number is a landline", "carrier: handset unreachable", "GoHighLevel: too many messages at once")
NO_CALL = ("no answer", "voicemail", "busy", "number not in service")
NO_MAIL = ("mailbox full", "address does not exist")
