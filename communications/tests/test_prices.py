from communications.published_prices import SmsCost, SmsPrice, sms_cost, sms_price

TWO_LISTS = (
    SmsPrice("+1", segment_micros=8_300, carrier_fee_micros=3_500),
    SmsPrice("+1787", segment_micros=42_000, carrier_fee_micros=0),
)


def test_text_to_the_united_states_costs_the_published_price_and_carrier_fee_per_segment():
    cost = sms_cost(to="+12015550123", segments=3)

    assert cost == SmsCost(segments=3, base_micros=24_900, carrier_fee_micros=10_500)
    assert cost.total_micros == 35_400


def test_longest_prefix_decides_whatever_the_order():
    assert sms_price("+17875550100", prices=TWO_LISTS).segment_micros == 42_000
    assert sms_price("+17875550100", prices=TWO_LISTS[::-1]).segment_micros == 42_000
    assert sms_price("+12015550123", prices=TWO_LISTS).segment_micros == 8_300


def test_unlisted_country_has_no_price_rather_than_a_guess():
    assert sms_price("+447700900123") is None
    assert sms_cost(to="+447700900123", segments=1) is None
