"""The report in English."""

from pipeline.core.report.words import Words

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)

TEXTS = {
    # What a sentence is worth.
    "difference": "difference",
    "chance": "within chance",
    "fact": "figure",
    "missing": "not known",
    # Sentences.
    "customers": "{n} customers are known: {segments}.",
    "customer_part": "{n} ({pct}) {segment}",
    "other_part": "{n} ({pct}) in other segments",
    "no_segments": "No customer has a segment yet.",
    "sizes": "Since {day} the share of “{segment}” went from {before} to {now} of all customers (n = {n}), {further}; "
    "everyone is counted, so chance plays no part.",
    "sizes_further": "further than that of any other segment",
    "sizes_as_far": "as far as that of {k} other",
    "sizes_same": "Since {day} no segment's share of all customers has changed by as much as 0.1 points (n = {n}); everyone is counted, "
    "so chance plays no part.",
    "one_date": "How segments have grown is not known: only one date is computed.",
    "nps": "The Net Promoter Score is {nps} (95% interval {low} to {high}, n = {n}).",
    "nps_few": "There is no Net Promoter Score: {n} answers are too few.",
    "nps_none": "There is no Net Promoter Score: no answer to its question counts.",
    "nps_before": " In the period before it was {before} (n = {n}), a change {verdict} ({p}).",
    "nps_no_before": " There is no score of the period before to compare with.",
    "is_difference": "beyond chance",
    "is_chance": "within chance",
    "sci": "{pct} of the {n} who answered in full are secure (95% interval {low} to {high}).",
    "sci_few": "How many customers are secure is not known: {n} answers are too few.",
    "sci_none": "How many customers are secure is not known: no answer to the three questions of the index counts.",
    "sci_before": " On {day} it was {before} (n = {n}), a change of {points} points ({low} to {high}) {verdict}.",
    "sci_no_before": " There is no earlier date to compare with.",
    "groups_only": "Of {k} segments and channels only “{name}” differs from the others beyond chance: its Net Promoter Score is {nps} "
    "(n = {n}), of the others {rest} (n = {n_rest}), {k} comparisons taken into account ({p}).",
    "groups_differ": "Of {k} segments and channels {m} differ from the others beyond chance, none of them further than “{name}”: its Net "
    "Promoter Score is {nps} (n = {n}), of the others {rest} (n = {n_rest}), {k} comparisons taken into account ({p}).",
    "groups_chance": "Of {k} segments and channels none is further from the others than “{name}”: its Net Promoter Score is {nps} "
    "(n = {n}), of the others {rest} (n = {n_rest}). Among {k} comparisons that is within chance ({p}), as are all the others.",
    "themes_only": "Customers who write about {name} give a Net Promoter Score of {nps} (n = {n}), the others {rest} (n = {n_rest}): of "
    "{k} themes the only difference beyond chance, {k} comparisons taken into account ({p}).",
    "themes_differ": "Customers who write about {name} give a Net Promoter Score of {nps} (n = {n}), the others {rest} (n = {n_rest}): of "
    "{k} themes {m} differ beyond chance, {k} comparisons taken into account, and none of them is further apart ({p}).",
    "themes_chance": "Customers who write about {name} give a Net Promoter Score of {nps} (n = {n}), the others {rest} (n = {n_rest}): of "
    "{k} themes none is further apart, yet among {k} comparisons that is within chance ({p}), as are all the others.",
    "promises_differ": "After a broken delivery promise {broken} bought again (n = {n_broken} orders), after a kept one {kept} "
    "(n = {n_kept}): {points} points ({low} to {high}), a difference beyond chance.",
    "promises_chance": "After a broken delivery promise {broken} bought again (n = {n_broken} orders), after a kept one {kept} "
    "(n = {n_kept}): {points} points ({low} to {high}), which is within chance.",
    "promises_none": "What a broken promise costs is not known: too few orders of known customers with a promise that was broken, or kept, "
    "are old enough to tell.",
    "reviews_differ": "Reviews rate orders with a broken promise {broken} of 100 (n = {n_broken}), with a kept one {kept} "
    "(n = {n_kept}): {points} points ({low} to {high}), a difference beyond chance.",
    "reviews_chance": "Reviews rate orders with a broken promise {broken} of 100 (n = {n_broken}), with a kept one {kept} "
    "(n = {n_kept}): {points} points ({low} to {high}), which is within chance.",
    "reviews_none": "What a broken promise does to reviews is not known: too few rate orders whose promise was broken, or kept.",
    "foretold_differs": "On {day} the churn model expected {expected} of {n} customers to stay away, and {found} did (95% interval "
    "{low} to {high}): it was off by more than chance.",
    "foretold_chance": "On {day} the churn model expected {expected} of {n} customers to stay away, and {found} did (95% interval "
    "{low} to {high}): as foretold, within chance.",
    "foretold_none": "Whether the churn model keeps its word is not known yet: no prediction is old enough.",
    "foretold_few": "Whether the churn model keeps its word is not known: {n} predictions, of {day}, are too few.",
    "foretold_no_model": "Whether predictions of churn come true is not known: no customer has a churn probability, and no earlier "
    "prediction is old enough.",
    "value": "{total} is at risk with {n} customers; {part} ({pct}) of it with {n_part} who are at risk or highly at risk, and not "
    "lost yet.",
    "value_none": "The value at risk is not known: no customer has a churn probability.",
    "value_no_spend": "The value at risk is not known: no customer came back in the churn model's last window to tell what those who buy "
    "spend.",
    "value_nothing": "The value at risk of {n} customers comes to {total}.",
    "drivers_differ": "Of {k} drivers of {outcome}, {first} weighs most: {pct} of what they explain (n = {n} answers), beyond chance "
    "more than any other ({second} comes next). Customers give it {performance} of 100: {quadrant}.",
    "drivers_chance": "Of {k} drivers of {outcome}, {first} weighs most: {pct} of what they explain (n = {n} answers), though within "
    "chance {second} weighs as much. Customers give it {performance} of 100: {quadrant}.",
    "drivers_none": "Which driver of attitude weighs most is not known: no survey has enough answers about several.",
    "say_do": "{n} of {total} customers who answered ({pct}) say they are content and are slipping away or gone; {m} say they are "
    "unhappy and still buy.",
    "repeat": "{pct} of {n} customers (95% interval {low} to {high}) bought again; {half}.",
    "repeat_half": "it takes {days} days ({from_days} to {to_days}) until half of all have",
    "repeat_half_at_least": "it takes {days} days (at least {from_days}) until half of all have",
    "repeat_half_alone": "it takes {days} days until half of all have, by an estimate without an interval",
    "repeat_less_than_half": "half of all have not come back on a later day yet",
    "repeat_few": "How many customers buy again is not known: {n} are too few.",
    "actions": "Actions against their control groups, in points of customers who bought: {parts}.",
    "action_differs": "{action} {points} ({low} to {high}, n = {n}), beyond chance",
    "action_chance": "{action} {points} ({low} to {high}, n = {n}), within chance",
    # The page.
    "title": "{shop}: report of {day}",
    "about": "As of {day}, from edition {edition}.",
    "skip": "Skip to the content",
    "parts": "Parts of this page",
    "told": "What the numbers say",
    "how": "Each sentence says how many stand behind it. {difference}: more than chance explains, at 95%. {chance}: it can be chance "
    "alone, so do not act on it. {fact}: nothing is compared that chance could explain.",
    "pictures": "Pictures",
    "at_risk_title": "Customers at risk, by value",
    "at_risk_about": "Value at risk is what losing the customer would cost: the probability to stay away times what such a customer "
    "spends when buying. A customer's number opens a page of the UI that tells why, down to the lines of the exports; the command "
    "writes the same page.",
    "at_risk_caption": "The {n} customers with the highest value at risk",
    "at_risk_none": "No customer is known to have a value at risk.",
    "customer": "customer",
    "segment": "segment",
    "band": "churn band",
    "churn_probability": "probability to stay away",
    "value_at_risk": "value at risk",
    "reason": "what raises the risk most",
    "action": "what to do",
    "no_action": "nothing is due, or allowed now",
    "why": "why",
    "notices": "What is empty, or not as it could be",
    "no_notices": "Nothing.",
    "footer": "This page names customers by their numbers. It asks for nothing outside itself.",
    # Pictures: title, axes, and what the picture says to who cannot see it.
    "rfm_map": "RFM: customers by recency and by frequency and value",
    "rfm_sub": "n = {n} customers with an order in the window; 1 is lowest, {top} highest",
    "rfm_alt": "Heat map of {cells} cells with customers. None is fuller than recency {r} with frequency and value {f}: {most} of {n} "
    "customers ({pct}).",
    "r_axis": "Recency score",
    "f_axis": "Frequency and value score",
    "f_axis_alone": "Frequency score",
    "customers_axis": "Customers",
    "sizes_over_time": "RFM segments over time",
    "sizes_sub": "Share of all customers in percent, n = {n} on {day}; each segment has the same axis",
    "sizes_alt": "Small line charts, one per segment, {first} to {last}. Largest on {last}: {largest}. {moved}",
    "sizes_alt_alone": "Small charts with one point, one per segment, on {last}. Largest: {largest}. {moved}",
    "sizes_moved": "Since {day} none has moved further than {segment}: from {before} to {now}.",
    "sizes_stayed": "Since {day} none has moved by as much as 0.1 points.",
    "pct_axis": "% of customers",
    "migration": "RFM: who moved where",
    "migration_sub": "Customers who changed segment from {first} to {last}: {n}; the {stayed} who stayed are left out",
    "migration_alt": "Heat map of segments before and after. No move is more frequent than from {before} to {after}: {n} customers.",
    "from_axis": "Before",
    "to_axis": "After",
    "nps_trend": "Net Promoter Score",
    "sci_trend": "Secure customers",
    "trend_sub": "Line with its 95% interval; n = {n} on {day}",
    "monthly_sub": "; one point per month",
    "trend_gaps": " At {n} of the dates between there were too few answers: the line is broken.",
    "trend_alt": "Line with a band from {first} to {last}: from {begin} to {end}, lowest {lowest} ({lowest_at}), highest {highest} "
    "({highest_at}). The last interval is {low} to {high}.",
    "trend_alt_alone": "One point, of {last}: {end}. Its interval is {low} to {high}.",
    "nps_axis": "Score",
    "secure_axis": "% secure",
    "says_does": "What customers say, and what they do",
    "says_does_sub": "n = {n} customers who answered; numbers are customers",
    "says_does_alt": "Matrix of what customers say against what they do. No cell has more than that of {says} and {does}: {n} of {total} "
    "({pct}). Content and slipping or gone: {lapsing}.",
    "says_axis": "They say",
    "does_axis": "They are",
    "calibration": "Churn: predicted against observed",
    "calibration_sub": "{model}; n = {n} predictions, one per customer and cut, {bins} bins, 95% intervals; dashed: perfect",
    "calibration_alt": "Points of {bins} bins beside the diagonal of a perfect model. None is further from it than the one with {predicted} "
    "predicted and {observed} observed (interval {low} to {high}). The interval holds the prediction in {held} of {bins} bins.",
    "predicted_axis": "Predicted: mean probability of the bin (%)",
    "observed_axis": "Observed: share without an order (%)",
    "lift": "Churn: how many leavers the highest probabilities find",
    "lift_sub": "{model}; n = {n} predictions, one per customer and cut; dashed: by chance",
    "lift_alt": "Curve beside the diagonal of chance: the fifth of customers with the highest probabilities holds {found} of all who left.",
    "lift_x": "Customers, highest probability first (%)",
    "lift_y": "Leavers among them, of all leavers (%)",
    "value_by_band": "Value at risk by churn band",
    "value_sub": "n = {n} customers with a value at risk, {total} in all",
    "value_alt": "Bars: {parts}.",
    "value_part": "{band} {amount} (n = {n})",
    "value_axis": "Value at risk ({currency})",
    "retention": "Retention: customers who ordered in a later month",
    "retention_sub": "n = {n} customers in {cohorts} cohorts of {smallest} to {largest}; blank: month not over",
    "retention_alt": "Heat map of cohorts by month. On average {first} of a cohort order in the month after the first, and {later} in month "
    "{month}.",
    "months_axis": "Calendar months since the month of the first order",
    "cohort_axis": "Month of the first order",
    "again_axis": "Ordered again (%)",
    "promise": "What followed a promise: customers who bought again",
    "promise_sub": "Share of orders followed by another, with 95% intervals",
    "promise_alt": "Points with intervals: {parts}.",
    "promise_part": "{status} {pct} ({low} to {high}, n = {n})",
    "again_pct_axis": "Bought again (%)",
    "promise_axis": "Promise",
    "drivers": "Drivers: importance and performance",
    "drivers_sub": "Of {outcome}; n = {n} answers; they explain {r2} of the differences; lines: means",
    "drivers_alt": "Points in four quadrants. To improve first, important and rated below the mean: {concentrate}. To keep up: {keep}.",
    "performance_axis": "Performance (0 to 100)",
    "importance_axis": "Importance (% of what is explained)",
    "none": "none",
}

NAMES = {
    "cant_lose": "can't lose",
    "cant_lose_them": "can't lose them",
    "concentrate_here": "improve here first",
    "keep_up": "keep it up",
    "possible_overkill": "perhaps more than needed",
    "low_priority": "no priority",
    "kept": "kept",
    "none": "no promise, cancelled or returned",
    "unknown": "not known",
    "contact_interactivity": "contact",
    "sci_items": "the three questions of the Secure Customer Index",
    "buying": "buying",
    "slipping": "slipping",
    "no_survey_answer": "no answer to Net Promoter or all of the index",
    "gone": "gone",
    "joined": "one with another customer",
}

ENGLISH = Words("en", TEXTS, NAMES, MONTHS, thousands=",", decimal=".", joined_by="and")
