"""How a call reaches a provider, by channel."""

from communications.channels.base import (
    UNSENDABLE,
    Answer,
    DeliveryError,
    EmailCall,
    Failure,
    Sender,
    SmsCall,
)
from communications.channels.email import EmailChannel
from communications.channels.sms import SmsChannel
from customers.channels import Channel

CHANNELS = {Channel.EMAIL: EmailChannel(), Channel.SMS: SmsChannel()}

__all__ = [
    "CHANNELS",
    "UNSENDABLE",
    "Answer",
    "DeliveryError",
    "EmailCall",
    "Failure",
    "Sender",
    "SmsCall",
]
