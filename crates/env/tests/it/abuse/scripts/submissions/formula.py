# what: a spreadsheet's formula and a page's script as a prediction
# list: 33
# action: execute_code
# outcome: submission_invalid
submit(cell("\"=cmd|' /C calc'!A0<script>alert(1)</script>\""))
