(use-modules (ice-9 textual-ports) (ice-9 rdelim))
(for-each (lambda (one) (display one) (newline)) (environ))
(set-port-encoding! (current-output-port) "ISO-8859-1")
(define (try path)
  (catch #t
    (lambda ()
      (call-with-input-file path (lambda (port) (set-port-encoding! port "ISO-8859-1") (display (get-string-all port)))))
    (lambda _ #f)))
(call-with-input-file "/mnt/paths"
  (lambda (port)
    (let loop ((path (read-line port)))
      (unless (eof-object? path) (try path) (loop (read-line port))))))
(display "tried\n")
