from communications.models.account import (
    MessagePrice,
    ProviderAccount,
    RateBucket,
    SenderIdentity,
)
from communications.models.attempt import AttemptDeparture, DeliveryAttempt
from communications.models.budget import Budget, BudgetReservation
from communications.models.communication import CustomerCommunication
from communications.models.dispatch import Dispatch, MessageContent
from communications.models.event import ProviderEvent
from communications.models.inbound import InboundMessage
from communications.models.incident import Incident
from communications.models.link import LinkClick, TrackedLink
from communications.models.suppression import Suppression, SuppressionLift

__all__ = [
    "AttemptDeparture",
    "Budget",
    "BudgetReservation",
    "CustomerCommunication",
    "DeliveryAttempt",
    "Dispatch",
    "InboundMessage",
    "Incident",
    "LinkClick",
    "MessageContent",
    "MessagePrice",
    "ProviderAccount",
    "ProviderEvent",
    "RateBucket",
    "SenderIdentity",
    "Suppression",
    "SuppressionLift",
    "TrackedLink",
]
