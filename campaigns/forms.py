"""What a person types on the campaigns' pages."""

from django import forms


class TypedNumberForm(forms.Form):
    """A large send is confirmed by typing how many messages it is."""

    typed = forms.CharField(
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    def __init__(self, *args, number: int, **kwargs):
        super().__init__(*args, **kwargs)
        self.number = number
        self.fields["typed"].label = f"Type {number} to confirm"

    def clean_typed(self) -> str:
        typed = self.cleaned_data["typed"]
        if "".join(typed.split()).replace(",", "") != str(self.number):
            raise forms.ValidationError(f"Write the number of messages: {self.number}.")
        return typed
