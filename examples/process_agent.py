"""An agent as a program of its own: JSON lines in, JSON lines out. Needs nothing but Python.

    mledojo run iris --agent "process:python3 examples/process_agent.py" --steps 4

For each observation comes one line, {"observation": ..., "text": ..., "seed": ...}; the answer is one line with a call, or
null when there is nothing more to do. When an episode is resumed, the observations of before come again, each with the
call that was made then as "chosen"; whatever is answered to those is passed over.
"""

import json
import sys

# What the agent runs: the columns' names come from the competition's metadata.
SCRIPT = """
import pandas as pd
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

train, test = pd.read_csv(DATA + "/train.csv"), pd.read_csv(DATA + "/test.csv")
features = [name for name in test.columns if name not in IDS and pd.api.types.is_numeric_dtype(test[name])]
model = (RandomForestRegressor if REGRESSION else RandomForestClassifier)(TREES, random_state=SEED)
model.fit(train[features].fillna(0), train[TARGET])
test[TARGET] = model.predict(test[features].fillna(0))
test[IDS + [TARGET]].to_csv(OUTPUT, index=False)
print("trained", TREES, "trees on", len(features), "features")
"""


def script(metadata: dict, seed: int, trees: int) -> str:
    """The script with what it needs to know written at its top."""
    facts = {
        "DATA": metadata["data_path"],
        "OUTPUT": metadata["output_path"],
        "IDS": metadata["submission"]["id_columns"],
        "TARGET": metadata["submission"]["target_columns"][0],
        "REGRESSION": metadata["task"] == "regression",
        "SEED": seed,
        "TREES": trees,
    }
    return "\n".join(f"{name} = {value!r}" for name, value in facts.items()) + SCRIPT


def main() -> None:
    metadata = None
    trees = 10
    for line in sys.stdin:
        message = json.loads(line)
        if "error" in message:
            sys.exit(message["error"])
        observation = message["observation"]
        data = observation["feedback"]["base"]["data"].get("data", {})
        metadata = data.get("metadata", metadata)
        if metadata is None:
            call = {"action": "request_info", "params": {"info_type": "metadata"}}
        elif trees <= 1000:
            call = {"action": "execute_code", "params": {"code": script(metadata, message["seed"], trees)}}
            trees *= 10
        else:
            call = None
        print(json.dumps(call), flush=True)


if __name__ == "__main__":
    main()
