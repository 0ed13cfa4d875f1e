"""Every constant of the demo shop, in one place. How they are used belongs to the modules beside this one."""

from dataclasses import dataclass

CONSTRUCTS = (
    "customisation",
    "contact_interactivity",
    "cultivation",
    "care",
    "community",
    "choice",
    "convenience",
    "character",
)
"""The eight Cs, in the order of the survey items c1 to c8."""

CLUB = {
    "social": "social",
    "vote": "web",
    "share": "social",
    "store_visit": "store",
    "email_open": "email",
    "email_click": "email",
}
"""Ways to keep in touch without a session -> their channel."""


@dataclass(frozen=True)
class ShopModel:
    """The constants of the shop. Times are days unless named otherwise, amounts minor units, shares 0 to 1."""

    rate_shape: float = 0.7
    rate_days: float = 60.0
    """BG/NBD r and alpha: purchases a day ~ Gamma(shape r, rate alpha), a mean of 0.7 in 60 days."""
    dropout_a: float = 1.0
    dropout_b: float = 5.0
    """BG/NBD a and b: probability to leave after a purchase ~ Beta(a, b), a mean of 1 in 6."""
    spend_shape: float = 6.0
    spend_mix_shape: float = 4.0
    spend_mix_scale: float = 3000.0
    """Gamma-gamma p, q and gamma: mean order p * gamma / (q - 1) = 6,000 minor units."""
    smallest_order: int = 495

    prospect_every: int = 8
    """Every so many registered people one never orders."""

    stated_share: float = 0.2
    """Registered people who say which category they prefer; what they buy has nothing to do with it."""

    attitude_mean: float = 0.0
    """Mean of a customer's attitude at the first order; its standard deviation is 1."""
    kept_step: float = 0.1
    broken_step: float = -0.9
    """What a kept and a broken delivery promise add to attitude."""

    app_share: float = 0.27
    store_share: float = 0.12
    cancelled_share: float = 0.025
    unpaid_share: float = 0.01
    """Orders that stay pending for ever."""
    slow_payment_share: float = 0.08
    late_share: float = 0.11
    late_share_december: float = 0.22
    """Share of promises that are broken: parcels pile up in December."""
    late_mean_days: float = 2.0
    longest_delay_days: int = 21
    unreported_share: float = 0.01
    """Parcels that arrive without the carrier saying when."""
    moved_share: float = 0.2
    """Parcels that do not come on the promised day because the customer asked, on shipping, for another one."""
    honoured_share: float = 0.8
    """Of these, parcels that come on the day asked for."""
    short_share: float = 0.03
    """Lines of which a piece is missing on delivery."""
    return_share: float = 0.05
    partial_refund_share: float = 0.04
    return_share_when_late: float = 0.10
    discount_share: float = 0.20

    review_share: float = 0.14
    review_share_when_late: float = 0.22
    stars_mean: float = 4.05
    stars_per_attitude: float = 0.6
    stars_kept: float = 0.15
    stars_broken: float = -1.6
    stars_noise: float = 0.85
    reply_share_low: float = 0.55
    reply_share_high: float = 0.12
    """Share of reviews of at most 3 stars, and of more, that the shop replies to."""

    survey_share: float = 0.14
    """Invitations to the survey that are answered."""
    earliest_invitation_days: float = 2.0
    latest_invitation_days: float = 6.0
    """When the invitation follows an arrival: before the first answers, which come after seven days."""
    construct_loading: float = 0.6
    """Correlation of each of the eight latent constructs with attitude; they share nothing else."""
    construct_weights: tuple[float, ...] = (0.10, 0.20, 0.15, 0.45, 0.05, 0.30, 0.0, 0.15)
    """True weight of each construct, in the order of CONSTRUCTS, on the latent loyalty behind the three loyalty answers."""
    second_view_share: float = 0.4
    """Online orders with a second product view before them."""
    late_login_share: float = 0.3
    """Visitors who order and log in only to pay."""
    recovered_share: float = 0.09
    """Online orders whose cart was left some days before."""
    look_share: float = 0.75
    """Purchases after which the customer comes to look at least once; half as many a second time, and so on."""
    look_share_when_gone: float = 0.09
    """The same for looks after the customer has left: out of habit, or for a link that somebody sent."""
    look_wait_days: float = 45.0
    look_view_share: float = 0.5
    look_cart_share: float = 0.25
    anonymous_share: float = 0.3
    """Looks of visitors who do not log in."""
    contact_share: float = 0.02
    contact_share_when_late: float = 0.35
    answer_share: float = 0.9
    answer_median_hours: float = 8.0
    answer_spread: float = 0.9
    """Mails to the service desk that are answered; how long it takes is lognormal, with this spread of the logarithm."""

    club_shares: tuple[float, ...] = (0.06, 0.04, 0.03, 0.06, 0.25, 0.08)
    """Purchases after which the customer gets in touch in each way of CLUB, in its order; rarely after having left."""
    club_share_when_gone: float = 0.2
    """What is left of these shares after the customer has left."""
    club_wait_days: float = 30.0

    mailings: tuple[tuple[str, int, float], ...] = (
        ("welcome_series", 3, 0.15),
        ("thank_and_ask_for_a_review", 14, 0.0),
        ("win_back", 120, 0.12),
    )
    """Actions that the shop has carried out: days after the first order, and the share of customers who then order once more
    than they would have."""
    control_share: float = 0.1
    answer_days: float = 30.0
    """Such an order comes within so many days."""

    blank_share: float = 0.03
    comment_share: float = 0.25


MODEL = ShopModel()
