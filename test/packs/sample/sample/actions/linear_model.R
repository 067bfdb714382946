lines <- readLines(file("stdin"))
values <- function(name) {
  text <- sub(paste0("^", name, "='\\[(.*)\\]'$"), "\\1", grep(paste0("^", name, "="), lines, value = TRUE))
  as.numeric(strsplit(text, ",")[[1]])
}

x <- values("x")
y <- values("y")
if (length(x) != length(y)) stop("x has ", length(x), " numbers and y has ", length(y))

fit <- lm(y ~ x)
cat(sprintf(
  '{"intercept": %.6g, "slope": %.6g, "r_squared": %.6g, "n": %d}\n',
  coef(fit)[[1]], coef(fit)[[2]], summary(fit)$r.squared, length(x)
))
