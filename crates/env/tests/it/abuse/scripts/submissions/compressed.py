# what: a compressed file under the right name
# list: 32
# action: execute_code
# outcome: submission_invalid
import gzip
submit(encode=lambda text: gzip.compress(text.encode()))
