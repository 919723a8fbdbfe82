"""Saved selections of customers: who is in, who nearly is, and how that changed.

``tree``: criteria as leaves that are wanted or unwanted. ``nearby``: the people at the border.
``watching``: who entered and left, once a day. ``ready``: segments that every shop can use.
``uses``: who would miss a segment. ``saving``: the verbs. ``rules``: criteria as rows of a form.
"""
