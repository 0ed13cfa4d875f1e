from datetime import date

from pipeline.core.behaviour.orders import orders_as_of
from pipeline.core.behaviour.returns import count_returns
from tests.unit.lake import AMSTERDAM, orders, segment

AS_OF = date(2026, 6, 30)


def test_a_customer_has_the_share_of_orders_sent_back() -> None:
    sold = {"customer_id": "ann", "ordered_at": "2026-06-01"}
    placed = orders(sold, sold, sold, sold | {"status": "returned", "refund_amount": 1000})
    found = segment(
        "customer_returns",
        lambda rows: count_returns(
            orders_as_of(rows, as_of=AS_OF, time_zone=AMSTERDAM, valid_statuses=["paid"]), as_of=AS_OF
        ),
        placed,
    )
    assert found.rows() == [("ann", AS_OF, 4, 1, 25.0, 1000)]
