import dagster as dg
import pytest

from pipeline.assets.marts import check_result

CHECK = dg.AssetCheckSpec("no_gaps", asset=["marts", "sales"])
WARN, ERROR = dg.AssetCheckSeverity.WARN, dg.AssetCheckSeverity.ERROR


@pytest.mark.parametrize(
    ("status", "n_failed", "passed", "severity"),
    [("pass", 0, True, ERROR), ("warn", 2, False, WARN), ("fail", 3, False, ERROR)],
)
def test_a_test_that_warns_has_not_passed_and_is_no_error(
    status: str, n_failed: int, passed: bool, severity: dg.AssetCheckSeverity
) -> None:
    data = {"node_info": {"node_status": status}, "num_failures": n_failed, "execution_time": 0.25}
    found = check_result(CHECK, {"data": data})
    assert (found.asset_key, found.check_name) == (CHECK.asset_key, "no_gaps")
    assert (found.passed, found.severity) == (passed, severity)
    assert {name: one.value for name, one in found.metadata.items()} == {"seconds": 0.25, "failed_rows": n_failed}
