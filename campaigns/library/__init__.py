"""Ready campaigns as data: own words, merge fields from the registry, nothing sent by itself."""

from campaigns.library.birthday import BIRTHDAY
from campaigns.library.blueprint import Blueprint, Step
from campaigns.library.referral import REFERRAL
from campaigns.library.vip import VIP
from campaigns.library.welcome import WELCOME
from campaigns.library.win_back import WIN_BACK

BLUEPRINTS: dict[str, Blueprint] = {
    blueprint.key: blueprint for blueprint in (WELCOME, BIRTHDAY, WIN_BACK, VIP, REFERRAL)
}

__all__ = ["BLUEPRINTS", "Blueprint", "Step"]
