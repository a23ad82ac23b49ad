"""Stack Exchange: questions and answers of Stack Overflow and its sister sites."""
