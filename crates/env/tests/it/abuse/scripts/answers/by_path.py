# what: open the answers by absolute and relative paths
# list: 1
# outcome: ok
answers = HOST["answers"]
for path in (answers, "//" + answers, "../private/test_answer.csv", "../../private/test_answer.csv",
    "/kaggle/input/diabetes/../private/test_answer.csv", "/kaggle/input/private/test_answer.csv", "/.old" + answers,
    os.path.relpath(answers, "/kaggle/working"), os.path.relpath(answers, "/kaggle/input/diabetes")):
    attempt(path, lambda: open(path).read())
attempt("private", lambda: os.listdir(HOST["private"]))
attempt("private", lambda: os.stat(HOST["private"]))
