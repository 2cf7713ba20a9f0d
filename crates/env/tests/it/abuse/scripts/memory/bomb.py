# what: more memory than the limit
# list: 9
# outcome: memory
# limits: memory=192M wall=10
x = bytearray(1 << 30)
