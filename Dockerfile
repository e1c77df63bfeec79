# docker build -t fakekube . && docker run --rm -p 6443:6443 fakekube
FROM python:3.11-slim AS build
COPY . /src
RUN pip install --no-cache-dir --prefix=/install "/src[fast,explain]"

FROM python:3.11-slim
COPY --from=build /install /usr/local
RUN useradd --create-home --uid 10001 fakekube
USER 10001
WORKDIR /home/fakekube
EXPOSE 6443
HEALTHCHECK --interval=5s --timeout=2s --start-period=2s CMD ["python", "-c", "import ssl, urllib.request as r; r.urlopen('https://127.0.0.1:6443/readyz', context=ssl._create_unverified_context())"]
ENTRYPOINT ["fakekube", "serve", "--bind-address", "0.0.0.0"]
