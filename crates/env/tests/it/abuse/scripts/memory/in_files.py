# what: more memory than the limit, in files of memory
# list: 9
# outcome: memory
# limits: memory=192M wall=10 file_size=4G
file = os.memfd_create("x")
for _ in range(1000): os.write(file, bytes(1 << 20))
