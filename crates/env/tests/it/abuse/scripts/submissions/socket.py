# what: a socket
# list: 6
# action: execute_code
# outcome: submission_file
# says: a socket
import socket
socket.socket(socket.AF_UNIX).bind("submission.csv")
