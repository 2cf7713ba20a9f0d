# what: megabytes below the limit, of which head and tail are kept
# list: 13
# outcome: ok
# says: the beginning
# says: the end
# says: bytes left out
print("the beginning")
for _ in range(3000): print("z" * 1000)
print("the end")
