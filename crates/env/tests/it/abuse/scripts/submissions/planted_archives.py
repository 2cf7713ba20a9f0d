# what: files with the names that the environment gives its own
# list: 37
# action: execute_code
# outcome: submission_missing
for name in ("submission_1.csv", "submission_2.csv", "steps.jsonl", "episode.json", "canary.txt.bak", "code.py", "step_0002.py", "stdout.txt"):
    open(name, "w").write("planted")
for name in ("0002", "before-0002", "before-0003", "trash", "work", "artifacts", "steps"):
    os.makedirs(name + "/work")
    open(name + "/submission.csv", "w").write("planted")
