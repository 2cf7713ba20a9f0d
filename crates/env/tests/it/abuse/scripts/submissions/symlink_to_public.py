# what: a symbolic link to the sample submission, and a chain of links
# list: 3
# action: execute_code
# outcome: submission_file
# says: a symbolic link
os.symlink(SAMPLE, "a"); os.symlink("a", "submission.csv")
