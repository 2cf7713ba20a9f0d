# what: more memory than the limit, in a shared mapping that is touched page by page
# list: 9
# outcome: memory
# limits: memory=192M wall=10
import mmap
mapped = mmap.mmap(-1, 1 << 30)
for place in range(0, 1 << 30, 4096): mapped[place] = 1
