# what: folders that their owner may not read, write or enter
# outcome: ok
for number in range(50):
    os.makedirs(f"{number}/inner/innermost")
    open(f"{number}/inner/file", "w").close()
    os.chmod(f"{number}/inner/file", 0)
    os.chmod(f"{number}/inner", 0)
    os.chmod(f"{number}", 0)
os.chmod(".", 0)
