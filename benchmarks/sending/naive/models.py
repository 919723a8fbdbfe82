from django.db import models


class Message(models.Model):
    email = models.EmailField()
    first_name = models.CharField(max_length=80)
    barber = models.CharField(max_length=80)
    token = models.UUIDField(unique=True)
    status = models.CharField(max_length=10, default="queued", db_index=True)
    sent_at = models.DateTimeField(null=True)
    provider_id = models.CharField(max_length=120, blank=True)

    def __str__(self) -> str:
        return self.email
