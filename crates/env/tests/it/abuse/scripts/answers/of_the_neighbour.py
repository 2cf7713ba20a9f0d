# what: read and write the episode of a neighbour, and the own episode's log
# list: 21
# outcome: ok
for episode in (HOST["neighbour"], HOST["episode"], "..", "/kaggle", "/kaggle/working/.."):
    for name in ("steps.jsonl", "episode.json", "work/submission.csv", "artifacts", "step_0001"):
        attempt((episode, name), lambda: os.path.exists(f"{episode}/{name}"))
        fails((episode, name), lambda: write(f"{episode}/{name}"))
fails("answers", lambda: write(HOST["answers"]))
fails("leaderboard", lambda: write(HOST["private"] + "/private_leaderboard.csv"))
fails("move", lambda: os.rename("/kaggle/working", "/kaggle/elsewhere"))
