"""Every rule of the messages for one customer: the gate's, and what is asked after it."""

import datetime as dt
from dataclasses import dataclass

from campaigns import terms, verdicts
from campaigns.models import CampaignDefinition
from communications import compliance
from communications.models import CustomerCommunication
from customers.channels import Topic
from customers.models import Customer

Reason = CustomerCommunication.Reason


@dataclass(frozen=True)
class SharedAddress:
    """Whether somebody before him, with the same address, gets it."""

    is_taken: bool

    def in_words(self, zone: dt.tzinfo) -> str:
        return "somebody before him gets it" if self.is_taken else "no"


@dataclass(frozen=True)
class OwnMessage:
    is_made: bool

    def in_words(self, zone: dt.tzinfo) -> str:
        return "can be made" if self.is_made else "cannot be made for him, or is too long"


def rules_of(
    definition: CampaignDefinition,
    customer: Customer,
    answer: verdicts.OnChannel,
    *,
    now: dt.datetime,
) -> tuple[compliance.Rule, ...]:
    """Every rule of one channel in the order in which they are asked.

    The last two are no rules about him: of two people with one address only the first is written
    to, and a message has to be made before it goes.
    """
    rules = compliance.rules(
        customer,
        channel=answer.channel,
        topic=Topic.MARKETING,
        terms=terms.of(definition),
        now=now,
        ahead=answer.ahead,
    )
    if all(rule.passes for rule in rules):
        is_taken = answer.reason == Reason.DUPLICATE_ADDRESS
        rules.append(
            compliance.Rule(
                "shared address", Reason.DUPLICATE_ADDRESS, SharedAddress(is_taken), not is_taken
            )
        )
    if answer.is_made is not None:
        made = OwnMessage(answer.is_made)
        rules.append(compliance.Rule("own message", Reason.RENDER_ERROR, made, answer.is_made))
    return tuple(rules)
