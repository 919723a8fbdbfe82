"""Ready campaigns as data: own words, merge fields from the registry, nothing sent by itself."""

from campaigns.library.birthday import BIRTHDAY
from campaigns.library.blueprint import Blueprint, Step
from campaigns.library.fill_a_chair import FILL_A_CHAIR
from campaigns.library.milestone import MILESTONE
from campaigns.library.rebook import REBOOK
from campaigns.library.referral import REFERRAL
from campaigns.library.review import REVIEW
from campaigns.library.seasonal import SEASONAL
from campaigns.library.vip import VIP
from campaigns.library.welcome import WELCOME
from campaigns.library.win_back import WIN_BACK

BLUEPRINTS: dict[str, Blueprint] = {
    blueprint.key: blueprint
    for blueprint in (
        WELCOME,
        BIRTHDAY,
        WIN_BACK,
        VIP,
        REFERRAL,
        MILESTONE,
        REBOOK,
        REVIEW,
        FILL_A_CHAIR,
        SEASONAL,
    )
}

__all__ = ["BLUEPRINTS", "Blueprint", "Step"]
